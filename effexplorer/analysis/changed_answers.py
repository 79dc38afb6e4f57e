"""Which validation rows one model answers differently from another, the surest changes first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from effexplorer.records.answers import Answers


@dataclass(frozen=True)
class Change:
    """A row that two models answer differently: the right class, and each model's answer.

    ``before_sure`` and ``after_sure`` are the probabilities, not calibrated, that the models give
    their own answers.
    """

    row: int
    label: int
    before: int
    after: int
    before_sure: float
    after_sure: float

    @property
    def gained(self) -> bool:
        """Tell whether the second model alone is right."""
        return self.after == self.label

    @property
    def lost(self) -> bool:
        """Tell whether the first model alone is right."""
        return self.before == self.label


def changed_answers(before: Answers, after: Answers) -> tuple[Change, ...]:
    """Return the rows that two classifiers answer differently, the surest changes first.

    A change is as sure as the less sure of its two answers. Empty for a regression, whose numbers
    all differ.
    """
    if not before.probabilities.shape[1]:
        return ()
    rows = np.flatnonzero(before.values != after.values)
    changes = [
        Change(
            int(row),
            int(before.labels[row]),
            int(before.values[row]),
            int(after.values[row]),
            float(before.probabilities[row].max()),
            float(after.probabilities[row].max()),
        )
        for row in rows
    ]
    return tuple(
        sorted(
            changes, key=lambda change: (-min(change.before_sure, change.after_sure), change.row)
        )
    )
