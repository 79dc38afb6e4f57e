"""An errand: one stage, made on a machine that has nothing but what is sent along.

A scratch folder is home and model shelf there, and is gone afterwards: the files that were made
come back as bytes.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import home
from effexplorer.answers import read_answers, write_answers
from effexplorer.exits.table import read_table, write_table
from effexplorer.parcel import Files, packed, unpack
from effexplorer.pipeline import Pipeline
from effexplorer.quiet import FOLDER as QUIET
from effexplorer.record import ANSWERS, TABLE
from effexplorer.record_file import read_record, write_record
from effexplorer.stages import StageCache, key_here
from effexplorer.sweep.stage import make_stage
from effexplorer.tasks.data import TaskData


@dataclass(frozen=True)
class Errand:
    """What is asked for: the stage that ``pipeline`` ends with, and if ``wanted`` its record too.

    ``pipeline`` is ``Pipeline.to_dict()``. ``base`` is the name in the stage cache of the stage
    that is sent along to start from, or empty. ``explored`` is that of ``runner.run``.
    """

    pipeline: dict[str, Any]
    wanted: bool
    base: str = ""
    explored: bool = False


@dataclass(frozen=True)
class Made:
    """What came of an errand: the stage's name in a cache and its files, and those of the record.

    ``stage`` is None when it is the one that was sent along; ``run`` is empty without a record.
    """

    key: str
    stage: Files | None
    run: Files


def do_errand(
    errand: Errand,
    data: TaskData,
    base: Files,
    weights: dict[str, Files],
    *,
    tell: Callable[[dict[str, Any]], None],
) -> Made:
    """Do ``errand`` here, with ``weights`` by the models' names; raises what ``runner.run`` raises.

    Sets ``EFFEXPLORER_HOME`` and ``EFFEXPLORER_MODEL_DIR`` of this process.
    """
    with tempfile.TemporaryDirectory(prefix="effexplorer-") as scratch:
        here, shelf, runs = (Path(scratch) / name for name in ("home", "models", "runs"))
        os.environ |= {"EFFEXPLORER_HOME": str(here), "EFFEXPLORER_MODEL_DIR": str(shelf)}
        here.mkdir()
        (here / QUIET).symlink_to(_shared_room(), target_is_directory=True)
        for name, files in weights.items():
            unpack(files, shelf / name)
        cache = StageCache(home.stages_folder())
        if errand.base:
            cache.keep_files(errand.base, base)
        make_stage(
            errand.pipeline,
            runs if errand.wanted else None,
            tell=tell,
            load=lambda task, train_examples: data,
            explored=errand.explored,
        )
        pipeline = Pipeline.from_dict(errand.pipeline)
        key = key_here(pipeline, data.fingerprint, explored=errand.explored)
        new = key != errand.base
        return Made(
            key,
            packed((cache.folder / key).iterdir()) if new else None,
            packed(runs.iterdir()) if errand.wanted else {},
        )


def bring_home(run: Files, runs_folder: Path, **changes: Any) -> None:
    """Write a run's record, with ``changes`` to its fields, its answers and its exit table.

    Raises UserError when ``run`` holds no readable ones.
    """
    with tempfile.TemporaryDirectory(prefix="effexplorer-") as scratch:
        folder = Path(scratch)
        unpack(run, folder)
        (path,) = folder.glob("*.json")
        record = dataclasses.replace(read_record(path), **changes)
        table = folder / f"{record.id}{TABLE}"
        if table.exists():
            write_table(read_table(table), runs_folder / table.name)
        said = folder / f"{record.id}{ANSWERS}"
        if said.exists():
            write_answers(read_answers(said), runs_folder / said.name)
        write_record(record, runs_folder)


def _shared_room() -> Path:
    """Return a folder that all errands of this user on this machine share, to measure in peace."""
    room = Path(tempfile.gettempdir()) / f"effexplorer-quiet-{os.getuid()}"
    room.mkdir(exist_ok=True)
    return room
