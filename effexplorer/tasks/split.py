"""A split: texts and labels that were checked row by row before any work is done."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from effexplorer.errors import UserError
from effexplorer.tasks.spec import TaskSpec

HELD_OUT, MOST_HELD_OUT = 0.1, 2_000  # share of the training split, and rows, for choices


@dataclass(frozen=True)
class Split:
    """Sentences in columns, their labels, and a tag for each where the task has tags.

    ``texts`` holds one list per text column of the task; all lists have one entry per row.
    """

    texts: tuple[list[str], ...]
    labels: list[int] | list[float]
    tags: list[str] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, indices: list[int]) -> Split:
        """Return the split of these rows, in this order."""
        return Split(
            tuple([column[index] for index in indices] for column in self.texts),
            [self.labels[index] for index in indices],
            None if self.tags is None else [self.tags[index] for index in indices],
        )


def held_out_count(rows: int) -> int:
    """Return how many of a training split's ``rows`` nothing is trained on."""
    return min(int(HELD_OUT * rows), MOST_HELD_OUT)


def fingerprint(*splits: Split) -> str:
    """Return 16 hexadecimal digits that name the texts and labels of ``splits``."""
    text = json.dumps([[split.texts, split.labels] for split in splits])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def checked_split(spec: TaskSpec, name: str, columns: dict[str, list[Any]]) -> Split:
    """Return the split called ``name`` of a task from its columns.

    Raises UserError naming the task, the split and the row (the first is row 1) for a missing
    column, an empty split, a text that is not text, and a label that the task does not have.
    """
    where = f"{spec.name}, {name}"
    wanted = (*spec.text, "label")
    if not set(wanted) <= set(columns):
        got = ", ".join(columns) or "none"
        raise UserError(f"{where}: must have the columns {', '.join(wanted)}; got {got}.")
    if not columns["label"]:
        raise UserError(f"{where}: must hold at least one row; got none.")
    for column in spec.text:
        for row, text in enumerate(columns[column], start=1):
            if not isinstance(text, str):
                raise UserError(f"{where}, row {row}: {column} must be text; got {_shown(text)}.")
    rule, fits = _label_rule(spec)
    for row, label in enumerate(columns["label"], start=1):
        if not fits(label):
            raise UserError(f"{where}, row {row}: label must be {rule}; got {_shown(label)}.")
    labels = [float(label) for label in columns["label"]] if spec.regression else columns["label"]
    return Split(tuple(columns[column] for column in spec.text), labels)


def _label_rule(spec: TaskSpec) -> tuple[str, Callable[[Any], bool]]:
    if spec.regression:
        low, high = spec.scale
        return f"a number between {low:g} and {high:g}", (
            lambda label: (
                type(label) in (int, float) and math.isfinite(label) and low <= label <= high
            )
        )
    names = ", ".join(f"{number} ({name})" for number, name in enumerate(spec.labels))
    return f"one of {names}", lambda label: type(label) is int and 0 <= label < len(spec.labels)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "nothing" if value is None else str(value)[:40]
