"""The table of a replay: every stage of the shipped runs of one setting, a row each, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from effexplorer.analysis.groups import Group, group
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import open_store
from effexplorer.runner.estimate import stage_sentences
from effexplorer.tasks.registry import find_task

SETTINGS = {"sst2": 3000, "reviews": None}  # tasks, and the training examples of their runs
OPERATORS = ("distill", "prune", "exit", "quantize")  # of which every order of every subset was run


@dataclass(frozen=True)
class Row:
    """What one run of a pipeline measured last: score in percent, costs, and the step's sentences.

    ``score_low`` and ``score_high`` are the 95 % interval over the examples. ``sentences`` are
    those that the last step trains on; those of earlier steps stand in their own rows.
    """

    task: str
    steps: str
    seed: int
    score: float
    score_low: float
    score_high: float
    bytes: int
    parameters: int
    macs: int
    latency_ms: float
    sentences: int
    model: str
    train_examples: int
    epochs: float


def shipped_rows() -> list[Row]:
    """Return the rows of every order of ``OPERATORS`` that trains, in the shipped runs."""
    groups = group(run.record for run in open_store().runs() if run.source == "shipped")
    chosen = [
        next(
            members
            for members in groups
            if (members.setting.task, members.setting.examples) == setting
        )
        for setting in SETTINGS.items()
    ]
    return [row for members in chosen for row in _rows(members)]


def _rows(group: Group) -> Iterable[Row]:
    for by_seed in group.runs.values():
        for record in by_seed.values():
            pipeline = Pipeline.from_dict(record.pipeline)
            names = [step.name for step in pipeline.steps]
            if not set(names) <= set(OPERATORS) or len(by_seed) < 2:
                continue
            if any(step.name == "quantize" and step.mode != "aware" for step in pipeline.steps):
                continue
            examples = record.data["train_examples"]
            epochs = pipeline.epochs or find_task(record.task).epochs
            last = record.final
            yield Row(
                task=record.task,
                steps=str(pipeline),
                seed=record.seed,
                score=last.score,
                score_low=last.score_low,
                score_high=last.score_high,
                bytes=last.bytes,
                parameters=last.parameters,
                macs=last.macs,
                latency_ms=last.latency_ms,
                sentences=stage_sentences(pipeline, examples, epochs)[-1],
                model=record.model,
                train_examples=examples,
                epochs=epochs,
            )


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write ``rows`` as CSV, the columns named as ``Row``'s fields."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a CSV file that ``write_rows`` wrote."""
    kinds = {"int": int, "float": float, "str": str}
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Row(**{field.name: kinds[str(field.type)](plain[field.name]) for field in fields(Row)})
            for plain in csv.DictReader(file)
        ]
