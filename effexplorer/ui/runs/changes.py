"""What two or more runs differ in: their settings, and the sentences that they answer otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from effexplorer import limits, units
from effexplorer.analysis.changed_answers import Change, changed_answers
from effexplorer.errors import UserError
from effexplorer.figures.points import timed_at
from effexplorer.records.answers import Answers, answers
from effexplorer.records.schema import Record
from effexplorer.records.store import Run, Store
from effexplorer.tasks.data import validation
from effexplorer.tasks.spec import TaskSpec
from effexplorer.ui.shared.visibility import visible_tasks

_ABSENT = "no such step"


def differing(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return what the runs differ in, each a name and a text per run.

    Of an operator's knobs those count that differ between the runs that have the operator.
    """
    rows = {
        "Model": [record.model for record in records],
        "Trained on": [record.trained_on for record in records],
        "Epochs, dense": [_epochs(record) for record in records],
        "Texts cut at": [_length(record) for record in records],
        "Seed": [str(record.seed) for record in records],
        "Timed with": [timed_at(record) for record in records],
        **_knobs(records),
    }
    return [
        {"name": name, "values": values}
        for name, values in rows.items()
        if len(set(values) - {_ABSENT}) > 1
    ]


def changed_sentences(runs: Sequence[Run], store: Store) -> list[dict[str, Any]]:
    """Return for each run but the first which validation rows it answers otherwise than the first.

    ``first`` and ``second`` are the runs' places; ``gained``, ``lost`` and ``otherwise`` count the
    rows that the second alone answers right, the first alone, and neither, with other answers.
    ``rows`` are the surest changes, with their texts where these are on this machine. Runs of
    other rows, and such whose answers are not kept, are left out.
    """
    said = [_answers(run, store) for run in runs]
    pairs = []
    for place in range(1, len(runs)):
        first, second = said[0], said[place]
        alike = runs[0].record.task == runs[place].record.task
        if first and second and alike and np.array_equal(first.labels, second.labels):
            changes = changed_answers(first, second)
            if first.probabilities.shape[1]:
                changed = _pair(changes, runs[0].record.task, first.labels)
                pairs.append({"first": 0, "second": place} | changed)
    return pairs


def _pair(changes: Sequence[Change], task: str, labels: np.ndarray) -> dict[str, Any]:
    spec = visible_tasks().get(task)
    texts = _texts(task, labels)
    gained, lost = sum(change.gained for change in changes), sum(change.lost for change in changes)
    return {
        "examples": len(labels),
        "gained": gained,
        "lost": lost,
        "otherwise": len(changes) - gained - lost,
        "texts": texts is not None,
        "rows": [
            {
                "kind": "gained" if change.gained else "lost" if change.lost else "otherwise",
                "text": " / ".join(column[change.row] for column in texts),
                "label": _name(spec, change.label),
                "before": _said(spec, change.before, change.before_sure),
                "after": _said(spec, change.after, change.after_sure),
            }
            for change in changes[: limits.MAX_CHANGES_SHOWN]
        ]
        if texts is not None
        else [],
    }


def _texts(task: str, labels: np.ndarray) -> tuple[list[str], ...] | None:
    """Return the validation texts, or None where they are not here, or not those."""
    if task not in visible_tasks():
        return None
    try:
        rows = validation(task)
    except UserError:
        return None
    return rows.texts if np.array_equal(rows.labels, labels) else None


def _answers(run: Run, store: Store) -> Answers | None:
    try:
        return answers(run.record, -1, store.folders[run.source])
    except (OSError, UserError):
        return None


def _name(spec: TaskSpec | None, label: int) -> str:
    return spec.labels[label] if spec and label < len(spec.labels) else str(label)


def _said(spec: TaskSpec | None, label: int, sure: float) -> str:
    return f"{_name(spec, label)}, {units.percent(100 * sure)}"


def _epochs(record: Record) -> str:
    epochs = record.pipeline.get("epochs")
    return "the task's own" if epochs is None else f"{epochs:g}"


def _length(record: Record) -> str:
    length = record.pipeline.get("max_length")
    return f"{length} word pieces" if length else "the task's own length"


def _knobs(records: Sequence[Record]) -> dict[str, list[str]]:
    """Return every knob of every operator with its value in each run, by ``"prune: sparsity"``."""
    table: dict[str, list[str]] = {}
    for place, record in enumerate(records):
        for step in record.pipeline.get("steps", ()):
            for knob, value in step.items():
                if knob != "operator":
                    absent = [_ABSENT] * len(records)
                    table.setdefault(f"{step['operator']}: {knob}", absent)[place] = str(value)
    return table
