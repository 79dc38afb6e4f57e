"""One stage, made on a machine that has nothing but what is sent along.

A scratch folder there holds the home folder and the local models, and is gone afterwards: the files
that were made come back as bytes.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import home
from effexplorer.exits.table import read_table, write_table
from effexplorer.pipeline import Pipeline
from effexplorer.records.answers import read_answers, write_answers
from effexplorer.records.events import Report
from effexplorer.records.files import read_record, write_record
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX
from effexplorer.runner.file_bundle import Files, pack, unpack
from effexplorer.runner.latency_lock import LOCK_FOLDER
from effexplorer.runner.stage_cache import StageCache, key_here
from effexplorer.sweep.stage import make_stage
from effexplorer.tasks.data import TaskData
from effexplorer.tasks.own import describe_task


@dataclass(frozen=True)
class StageRequest:
    """What is asked for: the stage that ``pipeline`` ends with, and if ``wanted`` its record too.

    ``pipeline`` is ``Pipeline.to_dict()``. ``base`` is the name in the stage cache of the stage
    that is sent along to start from, or empty. ``explored`` is that of ``runner.run``.
    """

    pipeline: dict[str, Any]
    wanted: bool
    base: str = ""
    explored: bool = False


@dataclass(frozen=True)
class StageResult:
    """What came of a request: the stage's name in a cache and its files, and those of the record.

    ``stage`` is None when it is the one that was sent along; ``run`` is empty without a record.
    """

    key: str
    stage: Files | None
    run: Files


def make_requested_stage(
    request: StageRequest,
    data: TaskData,
    base: Files,
    weights: dict[str, Files],
    *,
    tell: Report,
) -> StageResult:
    """Make the stage that ``request`` asks for; raises what ``runner.run`` raises.

    ``weights`` holds the files of each local model by its name. Sets ``EFFEXPLORER_HOME`` and
    ``EFFEXPLORER_MODEL_DIR`` of this process.
    """
    with tempfile.TemporaryDirectory(prefix="effexplorer-") as scratch:
        here, local_models, runs = (Path(scratch) / name for name in ("home", "models", "runs"))
        os.environ |= {"EFFEXPLORER_HOME": str(here), "EFFEXPLORER_MODEL_DIR": str(local_models)}
        here.mkdir()
        (here / LOCK_FOLDER).symlink_to(_shared_lock_folder(), target_is_directory=True)
        for name, files in weights.items():
            unpack(files, local_models / name)
        cache = StageCache(home.stages_folder())
        if request.base:
            cache.keep_files(request.base, base)
        describe_task(data.spec)
        make_stage(
            request.pipeline,
            runs if request.wanted else None,
            tell=tell,
            load=lambda task, train_examples: data,
            explored=request.explored,
        )
        pipeline = Pipeline.from_dict(request.pipeline)
        key = key_here(pipeline, data.fingerprint, explored=request.explored)
        new = key != request.base
        return StageResult(
            key,
            pack((cache.folder / key).iterdir()) if new else None,
            pack(runs.iterdir()) if request.wanted else {},
        )


def save_result(run: Files, runs_folder: Path, **changes: Any) -> None:
    """Write a run's record, with ``changes`` to its fields, its answers and its exit table.

    Where that record is there already, all of it stays as it is. Raises UserError
    when ``run`` holds no readable ones.
    """
    with tempfile.TemporaryDirectory(prefix="effexplorer-") as scratch:
        folder = Path(scratch)
        unpack(run, folder)
        (path,) = folder.glob("*.json")
        made = read_record(path)
        record = dataclasses.replace(made, **changes)
        if (runs_folder / f"{record.id}.json").exists():
            return
        table = folder / f"{made.id}{EXIT_TABLE_SUFFIX}"
        if table.exists():
            write_table(read_table(table), runs_folder / f"{record.id}{EXIT_TABLE_SUFFIX}")
        said = folder / f"{made.id}{ANSWERS}"
        if said.exists():
            write_answers(read_answers(said), runs_folder / f"{record.id}{ANSWERS}")
        write_record(record, runs_folder)


def _shared_lock_folder() -> Path:
    """Return the lock folder that all stages of this user on this machine share."""
    folder = Path(tempfile.gettempdir()) / f"effexplorer-quiet-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return folder
