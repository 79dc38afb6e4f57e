"""Saved multi-exit models: those that are shipped, and those of runs made here."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from effexplorer import bounded_file, home, limits
from effexplorer.errors import UserError
from effexplorer.exits.table import ExitTable, read_table
from effexplorer.records.schema import Record
from effexplorer.records.store import HERE, SHIPPED, Run, open_store
from effexplorer.runner.stage_cache import EXIT_TABLE_FILE, last_key

_CONFIG, _WEIGHTS = "config.json", "model.safetensors"


@dataclass(frozen=True)
class SavedModel:
    """A multi-exit model that can be opened: its name, folder and task, and where it comes from.

    ``source`` is ``shipped``, ``here`` for a run's model, whose name is the run's id, or
    ``folder``. ``layers`` are those that its exits follow, and ``run`` is the id of the run that
    ends with it, "" where that is not known.
    """

    name: str
    folder: Path
    task: str
    source: str
    layers: tuple[int, ...]
    run: str

    def table(self) -> ExitTable | None:
        """Return the exit table that stands beside the model, or None when there is none."""
        path = self.folder / EXIT_TABLE_FILE
        return read_table(path) if path.is_file() else None


def models_folder() -> Path:
    """Return the folder of the shipped checkpoints, each in a folder of its own."""
    return home.precomputed_folder() / "models"


def saved_models() -> list[SavedModel]:
    """Return the shipped models by name, then those of runs made here, the latest first.

    A run's model is there as long as the stage cache keeps it; what cannot be opened is left out.
    """
    return with_shipped(models_of(open_store().runs()))


def models_of(runs: Sequence[Run]) -> dict[str, SavedModel]:
    """Return by a run's id the model that it ends with, the latest run first.

    A shipped run's may be among the shipped models; of a run made here the stage cache has it.
    Runs without exits, and those whose model is not kept here, are left out.
    """
    shipped = {model.run: model for model in _shipped_models()}
    kept = _anything_in(home.stages_folder())
    models = {}
    for run in reversed(runs):
        own = shipped.get(run.record.id) if run.source == SHIPPED else None
        model = own or (cached_model(run.record) if kept else None)
        if model:
            models[run.record.id] = model
    return models


def with_shipped(models: Mapping[str, SavedModel]) -> list[SavedModel]:
    """Return the shipped models by name, then those of ``models`` that are none of these."""
    shipped = _shipped_models()
    return [*shipped, *(model for model in models.values() if model not in shipped)]


def _anything_in(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def shipped_model(run: str) -> SavedModel | None:
    """Return the shipped model that the run with this id ends with, or None."""
    return next((model for model in _shipped_models() if model.run == run), None)


def cached_model(record: Record) -> SavedModel | None:
    """Return the model that a run ends with, if it has exits and the stage cache still has it."""
    folder = stage_folder(record) if record.final.exits else None
    if folder is None:
        return None
    layers = tuple(exit.layer for exit in record.final.exits)
    return SavedModel(record.id, folder, record.task, HERE, layers, record.id)


def stage_folder(record: Record) -> Path | None:
    """Return the folder of the model that a run ends with, if the stage cache still has it."""
    try:
        key = last_key(record)
    except (UserError, LookupError, TypeError):  # of another version, or its weights are gone
        return None
    folder = home.stages_folder() / key
    whole = all((folder / name).is_file() for name in (_CONFIG, _WEIGHTS))
    return folder if whole else None


def find_exits(name: str | Path) -> SavedModel:
    """Return the model with this name, of the run with this id, or in this folder.

    Raises UserError when there is none.
    """
    runs = open_store().runs()
    by_run = models_of(runs)
    models = {model.name: model for model in with_shipped(by_run)}
    if str(name) in models:
        return models[str(name)]
    if str(name) in by_run:
        return by_run[str(name)]
    folder = Path(name)
    try:
        there = bool(str(name)) and folder.is_dir()
    except (OSError, ValueError):  # longer than a name can be, or with a NUL
        there = False
    if there:
        return _in_folder(folder, folder.name or str(folder), "folder")
    names = ", ".join(models) or "none yet"
    raise UserError(
        f"model: must be a folder, or one of the models with exits ({names}); got {str(name)[:60]}."
    )


def _shipped_models() -> list[SavedModel]:
    models = []
    for folder in sorted(models_folder().glob("*/")):
        with contextlib.suppress(UserError):
            models.append(_in_folder(folder, folder.name, SHIPPED))
    return models


def _in_folder(folder: Path, name: str, source: str) -> SavedModel:
    try:
        config = json.loads(bounded_file.read_text(folder / _CONFIG, limits.MAX_CONFIG_BYTES))
        if config["model_type"] != "slimbert":
            raise ValueError(f"a model of the type {str(config['model_type'])[:40]}")
        if not (folder / _WEIGHTS).is_file():
            raise ValueError(f"no {_WEIGHTS}")
        if not config.get("exits"):
            raise ValueError("a model without exits")
        if not config.get("task"):
            raise ValueError(f"no task in its {_CONFIG}")
        layers = (*config["exits"], len(config["heads"]))
        task, run = str(config["task"]), str(config.get("run", ""))
        return SavedModel(name, folder, task, source, layers, run)
    except (OSError, ValueError, LookupError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(
            f"{name}: must be the folder of a multi-exit model of this program; got {reason}."
        ) from error
