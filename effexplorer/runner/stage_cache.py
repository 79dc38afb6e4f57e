"""The stage cache: models after each step, with what was measured of them, in bounded space.

Runs that begin alike share stages: ``D > P > Q`` and ``D > P > E`` train ``D > P`` once.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from effexplorer import atomic, bounded_file, home, limits
from effexplorer.errors import UserError
from effexplorer.exits.table import ExitTable, read_table, write_table
from effexplorer.models.catalog import find_model
from effexplorer.models.source import locate
from effexplorer.pipeline import Pipeline
from effexplorer.records.answers import Answers, read_answers, write_answers
from effexplorer.records.provenance import versions
from effexplorer.records.schema import EXPLORED, Exit, Record, Stage
from effexplorer.runner.file_bundle import Files, unpack

if TYPE_CHECKING:
    from effexplorer.models.slimbert import SlimBertForSequenceClassification

EXIT_TABLE_FILE = "exits.npz"
ANSWERS = "answers.npz"
STAGES = "stages.json"
PIPELINE = "pipeline.json"
HASHES = ("sha256", "tokenizer", "config")
MAKERS = ("effexplorer", "torch", "transformers")
FORMAT = 4  # raise it when the same description would make another model or threshold


@dataclass(frozen=True)
class CachedStage:
    """A stage found in the cache: its folder, the measured stages up to it, and their answers.

    ``table`` is its exit table, None for a stage without exits.
    """

    folder: Path
    stages: tuple[Stage, ...]
    table: ExitTable | None
    answers: tuple[Answers, ...]

    def model(self) -> SlimBertForSequenceClassification | None:
        """Return the model in the form in which training can go on, or None when it is damaged."""
        from effexplorer.models.slimbert import SlimBertForSequenceClassification

        try:
            return SlimBertForSequenceClassification.from_pretrained(self.folder)
        except (OSError, ValueError, UserError):
            return None


class StageCache:
    """Finished stages in a folder, at most ``limit`` bytes; those unused for longest leave first.

    The default is ``home.stages_bytes()``.
    What a crash left half written counts and leaves like a stage. Several processes may share it.
    """

    def __init__(self, folder: Path, limit: int | None = None) -> None:
        self.folder = folder
        self.limit = home.stages_bytes() if limit is None else limit

    def find(self, key: str) -> CachedStage | None:
        """Return the stage kept under ``key``, or None when there is none or it is damaged."""
        folder = self.folder / key
        try:
            text = bounded_file.read_text(folder / STAGES, limits.MAX_RECORD_BYTES)
            plain = json.loads(text)
            stages = tuple(_stage(stage) for stage in plain)
            table = read_table(folder / EXIT_TABLE_FILE) if stages[-1].exits else None
            answers = read_answers(folder / ANSWERS)
            os.utime(folder)
        except (OSError, ValueError, TypeError, LookupError, UserError):
            return None
        return CachedStage(folder, stages, table, answers)

    def keep(
        self,
        key: str,
        model: SlimBertForSequenceClassification,
        tokenizer: Any,
        stages: tuple[Stage, ...],
        answers: tuple[Answers, ...],
        table: ExitTable | None = None,
        pipeline: Pipeline | None = None,
    ) -> None:
        """Keep ``model`` with its tokenizer, ``stages``, their answers and the exit table, if any.

        A crash leaves the whole stage or none; one that is already there under ``key`` is replaced.
        ``pipeline`` is what made it, for ``pipelines``.
        """
        with atomic.draft(self.folder) as draft:
            model.save_pretrained(draft)
            tokenizer.save_pretrained(draft)
            if table is not None:
                write_table(table, draft / EXIT_TABLE_FILE)
            write_answers(answers, draft / ANSWERS)
            text = json.dumps([dataclasses.asdict(stage) for stage in stages], indent=1)
            (draft / STAGES).write_text(text, "utf-8")
            if pipeline is not None:
                (draft / PIPELINE).write_text(json.dumps(pipeline.to_dict(), indent=1), "utf-8")
            self._enter(draft, key)

    def keep_files(self, key: str, files: Files) -> None:
        """Keep the stage whose ``files`` another cache had under ``key``; see ``keep``."""
        with atomic.draft(self.folder) as draft:
            unpack(files, draft)
            self._enter(draft, key)

    def drop_oldest(self) -> bool:
        """Remove the stage unused for longest; return whether there was one.

        What is kept here can be made again, so it makes room for what cannot.
        """
        stages = [size for size in self._sizes() if not size[2].name.startswith(".")]
        if not stages:
            return False
        shutil.rmtree(min(stages)[2])
        return True

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        atomic.sweep(self.folder)

    def pipelines(self) -> set[str]:
        """Return the keys of the pipelines whose last stage is here, by what the stages say.

        Quick, since neither data nor weights are looked at: a stage of other data counts as well.
        """
        keys = set()
        for path in self.folder.glob(f"*/{PIPELINE}"):
            try:
                text = bounded_file.read_text(path, limits.MAX_RECORD_BYTES)
                keys.add(Pipeline.from_dict(json.loads(text)).key)
            except (OSError, ValueError, UserError):
                continue
        return keys

    def _enter(self, draft: Path, key: str) -> None:
        shutil.rmtree(self.folder / key, ignore_errors=True)
        with suppress(OSError):  # another process kept the same stage in between
            draft.rename(self.folder / key)
        self._shrink(spare=key)

    def _shrink(self, spare: str) -> None:
        sizes = self._sizes()
        total = sum(size for _, size, _ in sizes)
        for _, size, folder in sorted(sizes):
            if total > self.limit and folder.name != spare:
                shutil.rmtree(folder, ignore_errors=True)
                total -= size

    def _sizes(self) -> list[tuple[int, int, Path]]:
        """Return for each stage the time of its last use, its bytes and its folder."""
        sizes = []
        for folder in self.folder.iterdir():
            try:
                size = sum(file.stat().st_size for file in folder.iterdir())
                sizes.append((folder.stat().st_mtime_ns, size, folder))
            except OSError:  # another process moved or removed it
                continue
        return sizes


def _stage(plain: dict[str, Any]) -> Stage:
    return Stage(**plain | {"exits": tuple(Exit(**exit) for exit in plain.get("exits", ()))})


def key_here(pipeline: Pipeline, fingerprint: str, *, explored: bool = False) -> str:
    """Return the ``stage_key`` of ``pipeline`` with the weights that this machine has.

    Raises UserError when they cannot be had.
    """
    hashes = [locate(find_model(name)).hashes() for name in pipeline.models]
    return stage_key(
        pipeline,
        fingerprint=fingerprint,
        settings=pipeline.spec.settings,
        weights=hashes,
        versions=versions(),
        explored=explored,
    )


def record_keys(record: Record) -> list[str]:
    """Return the ``stage_key`` of each stage of ``record``, as that of ``last_key``."""
    steps = len(record.stages)
    return [_key_of(record, Pipeline.from_dict(record.pipeline), length) for length in range(steps)]


def last_key(record: Record) -> str:
    """Return the ``stage_key`` of the last stage of ``record``, of the files that it names.

    Raises UserError when an operator is not here any more. What was kept before records named
    their tokenizer is not found any more.
    """
    return _key_of(record, Pipeline.from_dict(record.pipeline), len(record.stages) - 1)


def _key_of(record: Record, pipeline: Pipeline, length: int) -> str:
    prefix = pipeline.prefix(length)
    students = record.weights.get("students", {})
    hashes = [record.weights, *(students.get(name, {}) for name in prefix.models[1:])]
    return stage_key(
        prefix,
        fingerprint=record.data.get("fingerprint", ""),
        settings=record.data.get("settings", ""),
        weights=[{name: model.get(name, "") for name in HASHES} for model in hashes],
        versions=record.versions,
        explored=record.explored,
    )


def stage_key(
    pipeline: Pipeline,
    *,
    fingerprint: str,
    settings: str,
    weights: list[dict[str, str]],
    versions: dict[str, str],
    explored: bool = False,
) -> str:
    """Return the name of the stage that ``pipeline`` ends with: a hash of all that makes it.

    ``fingerprint`` is the data's, ``settings`` are the task's, ``weights`` are the models'
    ``hashes``, and of ``versions`` those count that numbers come from. The device is not in it:
    stages are shared among the machines of a cluster, and a record names it. A stage that was
    explored, measured on held-out rows, has a name of its own.
    """
    code = {name: versions.get(name, "") for name in MAKERS}
    data = [fingerprint, settings]
    description = pipeline.to_dict() | pipeline.decided
    plain = [FORMAT, description, data, weights, code, *[EXPLORED] * explored]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:24]
