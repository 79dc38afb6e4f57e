"""Identity: what a number was made of, and whether a finished run answers for a pipeline here.

A pipeline names its model and task. What stands behind the names can be exchanged: weights, a
tokenizer, a config, rows of data. A run answers only if all that its record names of these is what
this machine has; otherwise the same pipeline is another run, with an id of its own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.source import locate, located_here
from effexplorer.pipeline import Pipeline
from effexplorer.records.files import read_record
from effexplorer.records.schema import Record, record_id
from effexplorer.tasks.data import task_files
from effexplorer.tasks.known_data import known_fingerprint

Find = Callable[[str], Record | None]


@dataclass(frozen=True)
class Answer:
    """The id that a run of a pipeline has on this machine, and its record if it is there.

    ``note`` says why a run of the same pipeline does not answer, or is empty.
    """

    id: str
    record: Record | None
    note: str = ""


@dataclass(frozen=True)
class Sources:
    """The hashes of what a run is made of: by model those of its files, and those of the data."""

    weights: dict[str, dict[str, str]]
    data: dict[str, str]


def look_up(pipeline: Pipeline, find: Find, *, explored: bool = False) -> Answer:
    """Return the run that answers for ``pipeline`` here; ``find`` gives the record with an id.

    What cannot be had here (weights, data) contradicts no record, and neither does what an older
    record does not name.
    """
    id = record_id(pipeline.key, explored=explored)
    record = find(id)
    if record is None:
        return Answer(id, None)
    return _answer(record, _sources_here(pipeline), find)


def in_folders(*folders: Path) -> Find:
    """Return the function that finds a record in the first of ``folders`` that has it."""

    def find(id: str) -> Record | None:
        for folder in folders:
            try:
                if (folder / f"{id}.json").exists():
                    return read_record(folder / f"{id}.json")
            except (OSError, UserError):  # named where records are listed
                continue
        return None

    return find


def id_for(record: Record, folder: Path) -> str:
    """Return the id that ``record``, which has the one of its pipeline, gets in ``folder``."""
    find = in_folders(folder, home.precomputed_folder() / "runs")
    there = find(record.id)
    if there is None:
        return record.id
    weights = {name: _hashes(facts) for name, facts in _named(record).items()}
    data = {name: record.data[name] for name in _DATA}
    return _answer(there, Sources(weights, data), find).id


def run_here(pipeline: Pipeline, folder: Path, *, explored: bool = False) -> Answer:
    """Return the run that answers for ``pipeline`` among those in ``folder`` and the shipped."""
    find = in_folders(folder, home.precomputed_folder() / "runs")
    return look_up(pipeline, find, explored=explored)


def weights_of(pipeline: Pipeline) -> dict[str, Any]:
    """Return what a record tells of the weights that ``pipeline`` starts from.

    ``students`` are those of other models. Raises UserError when any cannot be had.
    """
    model, *students = (locate(find_model(name)) for name in pipeline.models)
    facts: dict[str, Any] = {"source": model.source} | model.hashes()
    if students:
        named = zip(pipeline.models[1:], students, strict=True)
        facts["students"] = {name: located.hashes() for name, located in named}
    return facts


def _weights_here(pipeline: Pipeline) -> dict[str, dict[str, str]]:
    """Return by name what this machine has of each model that ``pipeline`` starts from.

    A model that cannot be had here is left out.
    """
    here: dict[str, dict[str, str]] = {}
    for name in pipeline.models:
        with suppress(UserError):
            located = located_here(find_model(name))
            here |= {name: located.hashes()} if located else {}
    return here


def _sources_here(pipeline: Pipeline) -> Sources:
    """Return what this machine has of all that ``pipeline`` names; what it lacks is left out."""
    data = {}
    with suppress(UserError, OSError):
        data["settings"] = pipeline.spec.settings
        if task_files(pipeline.task):
            fingerprint = known_fingerprint(pipeline.task, pipeline.train_examples)
            data["fingerprint"] = fingerprint
    return Sources(_weights_here(pipeline), data)


def _answer(record: Record, here: Sources, find: Find) -> Answer:
    """Return whether ``record``, found under its pipeline's key, is of what is ``here``."""
    others = list(_differences(record, here))
    if not others:
        return Answer(record.id, record)
    plain = json.dumps([record.id, dataclasses.asdict(here)], sort_keys=True)
    id = hashlib.sha256(plain.encode()).hexdigest()[:12]
    note = f"run: {record.id} is of the same pipeline with other {' and '.join(others)}"
    return Answer(id, find(id), f"{note}; this is run {id}.")


def _named(record: Record) -> dict[str, dict[str, str]]:
    """Return what the record tells of each model that it started from."""
    students = record.weights.get("students")
    return {record.model: record.weights} | (students if isinstance(students, dict) else {})


def _hashes(facts: dict[str, str]) -> dict[str, str]:
    return {kind: facts[kind] for kind in _WORDS if kind in facts}


def _differences(record: Record, here: Sources) -> Iterator[str]:
    """Yield what the record names and this machine has otherwise."""
    named = _named(record)
    for model, hashes in here.weights.items():
        for kind, value in hashes.items():
            if named.get(model, {}).get(kind, value) != value:
                yield _WORDS[kind] if model == record.model else f"{_WORDS[kind]} of {model}"
    for kind, value in here.data.items():
        if record.data.get(kind, value) != value:
            yield _DATA[kind]


_WORDS = {"sha256": "weights", "tokenizer": "tokenizer files", "config": "config.json"}
_DATA = {"fingerprint": "data", "settings": "settings of the task"}
