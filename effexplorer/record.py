"""A record: one finished run, as it was measured, in one immutable JSON file."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import types
import typing
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError

SCHEMA = 1
COSTS = {
    "bytes": "Size on disk",
    "parameters": "Parameters",
    "macs": "MACs per sentence",
    "latency": "Latency",
}


@dataclass(frozen=True)
class Stage:
    """What was measured after one step; stage 0 is the fine-tuned dense model.

    ``score``, ``score_low`` and ``score_high`` (95 % bootstrap interval over the validation
    examples) and ``metrics`` are percent. ``parameters`` counts all weights and ``nonzero`` those
    that are not zero. ``bytes`` is the weight file's size, ``ideal_bytes`` non-zero weights times
    their bits. ``macs`` is per sentence of the validation set's mean length. Latencies are
    milliseconds per sentence at batch 1 on ``threads`` threads. ``seconds`` is what the step took
    when it was done, which was in an earlier run if ``reused``.
    """

    step: str
    operator: str
    letter: str
    score: float
    score_low: float
    score_high: float
    metrics: dict[str, float]
    layers: int
    parameters: int
    nonzero: int
    bytes: int
    ideal_bytes: int
    macs: int
    latency_ms: float
    latency_p95_ms: float
    threads: int
    seconds: float
    reused: bool

    def cost(self, axis: str) -> float:
        """Return the cost named ``axis``, one of ``COSTS``."""
        return self.latency_ms if axis == "latency" else getattr(self, axis)


@dataclass(frozen=True)
class Record:
    """One finished run: the pipeline, its stages in order, and on what they were measured.

    ``pipeline`` is ``Pipeline.to_dict()``, kept as plain values so that a record opens for ever.
    """

    schema: int
    id: str
    created: str
    pipeline: dict[str, Any]
    stages: tuple[Stage, ...]
    score_name: str
    data: dict[str, Any]
    weights: dict[str, Any]
    machine: dict[str, Any]
    versions: dict[str, str]
    commit: str

    @property
    def model(self) -> str:
        """Return the model's catalog name or folder."""
        return self.pipeline["model"]

    @property
    def task(self) -> str:
        """Return the task's name."""
        return self.pipeline["task"]

    @property
    def seed(self) -> int:
        """Return the seed."""
        return self.pipeline["seed"]

    @property
    def letters(self) -> str:
        """Return the operators' letters in order, ``"D>P>Q"``, or ``"dense"``."""
        return ">".join(stage.letter for stage in self.stages[1:]) or "dense"

    @property
    def steps(self) -> str:
        """Return the steps as they are typed, ``"distill > prune(sparsity=0.8)"``, or ``""``."""
        return " > ".join(stage.step for stage in self.stages[1:])

    @property
    def final(self) -> Stage:
        """Return the last stage: the model that the run ends with."""
        return self.stages[-1]

    def row(self, source: str) -> dict[str, Any]:
        """Return the one-line form for lists; its costs are those of the last stage."""
        last = self.final
        return {
            "id": self.id,
            "model": self.model,
            "task": self.task,
            "steps": self.steps,
            "seed": self.seed,
            "score": last.score,
            "bytes": last.bytes,
            "parameters": last.parameters,
            "macs": last.macs,
            "latency_ms": last.latency_ms,
            "source": source,
        }

    def to_json(self) -> str:
        """Return the file's text."""
        return json.dumps(dataclasses.asdict(self), indent=1, allow_nan=False) + "\n"


def read_record(path: Path) -> Record:
    """Return the record in ``path``; raises UserError saying what is wrong with the file."""
    try:
        if path.stat().st_size > limits.MAX_RECORD_BYTES:
            raise ValueError(f"must be at most {limits.MAX_RECORD_BYTES} bytes")
        data = json.loads(
            path.read_text("utf-8"), parse_constant=_refuse_constant, parse_float=_finite
        )
        if isinstance(data, dict) and data.get("schema") != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA}; got {str(data.get('schema'))[:20]}")
        record = _build(Record, data, "record")
        if not record.stages:
            raise ValueError("stages must not be empty")
        for name, kind in (("model", str), ("task", str), ("seed", int), ("steps", list)):
            _build(kind, record.pipeline.get(name), f"pipeline.{name}")
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path.name}: not a run's record: {reason}.") from error
    return record


def write_record(record: Record, folder: Path) -> Path:
    """Write ``record`` into ``folder`` so that a crash leaves the whole file or none.

    Returns its path. A record that is already there is left as it is: records are immutable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record.id}.json"
    draft = folder / f".{record.id}.{uuid.uuid4().hex}.tmp"
    with draft.open("w", encoding="utf-8") as file:
        file.write(record.to_json())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(folder)
    return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:40]} is too large for a number")
    return number


def _build(kind: Any, value: Any, where: str) -> Any:
    """Return ``value`` as ``kind``; ValueError tells where and why it is not one."""
    if dataclasses.is_dataclass(kind):
        fields = typing.get_type_hints(kind)
        if not isinstance(value, dict) or set(value) != set(fields):
            given = set(value) if isinstance(value, dict) else set()
            odd = ", ".join(sorted(given ^ set(fields))[:3])
            raise ValueError(f"{where} has missing or unknown fields: {odd}")
        return kind(**{name: _build(fields[name], value[name], name) for name in fields})
    origin = typing.get_origin(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(typing.get_args(kind)[0], one, where) for one in value)
    if origin is dict and isinstance(value, dict):
        inner = typing.get_args(kind)[1]
        return {name: _build(inner, one, f"{where}.{name}") for name, one in value.items()}
    if kind is Any:
        return value
    if kind is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(value) is kind:
        return value
    raise ValueError(f"{where} must be {getattr(kind, '__name__', kind)}; got {str(value)[:40]}")
