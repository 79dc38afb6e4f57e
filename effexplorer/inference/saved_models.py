"""Saved multi-exit models: those that are shipped, and those of runs made here."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
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
    return _models(open_store().runs())


def model_of(run: Run) -> SavedModel | None:
    """Return the model that ``run`` ends with, or None: it has no exits, or is not kept here.

    A shipped run's may be among the shipped models; of a run made here the stage cache has it.
    """
    return _model_of(run, _shipped_models())


def shipped_model(run: str) -> SavedModel | None:
    """Return the shipped model that the run with this id ends with, or None."""
    return next((model for model in _shipped_models() if model.run == run), None)


def cached_model(record: Record) -> SavedModel | None:
    """Return the model that a run ends with, if it has exits and the stage cache still has it."""
    folder = stage_folder(record) if record.final.exits else None
    if folder is None:
        return None
    layers = tuple(one.layer for one in record.final.exits)
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
    models = {one.name: one for one in _models(runs)}
    if str(name) in models:
        return models[str(name)]
    run = next((one for one in runs if one.record.id == str(name)), None)
    model = model_of(run) if run else None
    if model:
        return model
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


def _models(runs: Sequence[Run]) -> list[SavedModel]:
    shipped = _shipped_models()
    found = [_model_of(run, shipped) for run in reversed(runs)]
    return [*shipped, *(one for one in found if one and one not in shipped)]


def _model_of(run: Run, shipped: Sequence[SavedModel]) -> SavedModel | None:
    own = [one for one in shipped if run.source == SHIPPED and one.run == run.record.id]
    return own[0] if own else cached_model(run.record)


def _shipped_models() -> list[SavedModel]:
    found = []
    for folder in sorted(models_folder().glob("*/")):
        with contextlib.suppress(UserError):
            found.append(_in_folder(folder, folder.name, SHIPPED))
    return found


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
