"""A record: one finished run, as it was measured, in one immutable JSON file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from effexplorer.tasks.spec import TASKS

SCHEMA = 1
EXIT_TABLE_SUFFIX = ".exits.npz"  # after a run's id: the file of its exit table
ANSWERS = ".answers.npz"  # after a run's id: the file of its stages' answers
ENGINES = {"torch": "PyTorch", "onnx": "ONNX Runtime"}  # what a stage's latency can be that of
COSTS = {
    "bytes": "Size on disk",
    "parameters": "Parameters",
    "macs": "MACs per sentence",
    "latency": "Latency",
}
EXPLORED, CONFIRMED = "explored", "confirmed"


@dataclass(frozen=True)
class Exit:
    """One exit of a multi-exit stage: what it scores if every sentence leaves there.

    ``layer`` counts from 1; ``score`` is percent, ``macs`` up to this exit for one sentence of the
    validation set's mean length, ``temperature`` what its logits are divided by, and ``share`` the
    percent of the validation sentences that leave here at the stage's operating point.
    """

    layer: int
    score: float
    macs: int
    temperature: float
    share: float


@dataclass(frozen=True)
class Stage:
    """What was measured after one step; stage 0 is the fine-tuned dense model.

    ``score``, ``score_low`` and ``score_high`` (95 % bootstrap interval over the validation
    examples) and ``metrics`` are percent. ``parameters`` counts all weights and ``nonzero`` those
    that are not zero. ``bytes`` is the weight file's size, ``ideal_bytes`` non-zero weights times
    their bits. ``macs`` is per sentence of the validation set's mean length. Latencies are
    milliseconds per sentence at batch 1 and full depth on ``threads`` threads in ``engine``, one of
    ``ENGINES``; older records are all PyTorch's. For int8, ``kernel`` says how integers were
    multiplied there, and ``kernel_ratio`` what a layer took beside fp32's: above 1, int8 is slower
    on that machine. ``seconds`` is what the step took
    when it was done, which was in an earlier run if ``reused``. ``exits`` are those of a multi-exit
    model, the last one included, else none; ``score`` is then that of the last exit, and
    ``operating`` holds ``threshold``, ``score``, ``macs`` and ``layers`` (means over the validation
    set) at the threshold that was chosen on held-out training data, and in newer records
    ``latency_ms``.
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
    exits: tuple[Exit, ...] = ()
    operating: dict[str, float] = dataclasses.field(default_factory=dict)
    engine: str = "torch"
    kernel: str = ""
    kernel_ratio: float = 0.0

    def cost(self, axis: str) -> float:
        """Return the cost named ``axis``, one of ``COSTS``."""
        return self.latency_ms if axis == "latency" else getattr(self, axis)


@dataclass(frozen=True)
class Record:
    """One finished run: the pipeline, its stages in order, and on what they were measured.

    ``pipeline`` is ``Pipeline.to_dict()``, kept as plain values so that a record opens for ever.
    ``phase`` is CONFIRMED for a run that was measured on the validation split, and EXPLORED for one
    that a search measured on rows held out of the training split: the two are never compared.
    ``data`` counts the rows of each part, and of the training rows the ``train_sentences`` and
    ``train_phrases`` where some are phrases of others. ``machine`` names the processor, its family
    and instruction set, and whether training multiplied in ``bf16``; older records lack these.
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
    phase: str = CONFIRMED

    @property
    def explored(self) -> bool:
        """Tell whether a search measured this run on held-out rows."""
        return self.phase == EXPLORED

    @property
    def model(self) -> str:
        """Return the model's catalog name or folder."""
        return str(self.pipeline["model"])

    @property
    def task(self) -> str:
        """Return the task's name."""
        return str(self.pipeline["task"])

    @property
    def seed(self) -> int:
        """Return the seed."""
        return int(self.pipeline["seed"])

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

    @property
    def trained_on(self) -> str:
        """Return the training data in words: ``"3,302 pairs"``, ``"all rows"`` where none counted.

        Where rows are sentences and phrases of them, it says how many are which; and where a run
        chose the length of its texts, which.
        """
        count = self.data.get("train_examples")
        unit = TASKS[self.task].unit if self.task in TASKS else "rows"
        parts = [
            f"{self.data[f'train_{kind}']:,} {kind}"
            for kind in ("sentences", "phrases")
            if self.data.get(f"train_{kind}")
        ]
        amount = f"{count:,} {unit}" if count else f"all {unit}"
        amount = f"{amount} ({', '.join(parts)})" if parts else amount
        length = self.pipeline.get("max_length")
        return f"{amount}, cut at {length} word pieces" if length else amount

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

    def export(self, out: str | PathLike[str], *, formats: Sequence[str] = ("hf",)) -> Path:
        """Write the model that this run ends with into the new folder ``out``, and return that.

        ``formats`` are of ``hf``, ``onnx`` and ``exits``. What a format cannot hold is logged as a
        warning before anything is written. Raises UserError when the model is not at hand, a format
        cannot hold it, or ``out`` is there already.
        """
        exports = import_module("effexplorer.exports.export")  # behind records in the flow
        folder: Path = exports.export_record(self, Path(out), formats)
        return folder

    def to_json(self, *, indent: int | None = 1) -> str:
        """Return the file's text; without ``indent`` in one line."""
        return json.dumps(dataclasses.asdict(self), indent=indent, allow_nan=False) + "\n"


def record_id(key: str, *, explored: bool = False) -> str:
    """Return the id of the record of the pipeline ``key``: 12 hexadecimal digits.

    An explored run has an id of its own, so that it stands beside the confirmed run.
    """
    return hashlib.sha256(f"{key} {EXPLORED}".encode()).hexdigest()[:12] if explored else key
