"""Two runs compared on the same validation rows, by the answers that are kept beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from effexplorer.analysis.paired import Comparison, compare_answers
from effexplorer.analysis.practical import Practical
from effexplorer.analysis.verdict import LEVEL, chance, interval
from effexplorer.errors import UserError
from effexplorer.records.answers import answers
from effexplorer.records.schema import Record
from effexplorer.tasks.scores import SCORES


def compare_runs(first: tuple[Record, Path], other: tuple[Record, Path]) -> Comparison | None:
    """Return how the last models of two runs compare, each a record and the folder that holds it.

    None where they were not measured by the same score on the same rows, or where the answers of
    either are not kept, as of runs that are older than these files.
    """
    records = first[0], other[0]
    if len({(record.task, record.score_name) for record in records}) > 1:
        return None
    try:
        ours, theirs = (answers(record, -1, folder) for record, folder in (first, other))
    except (OSError, UserError):
        return None
    if not np.array_equal(ours.labels, theirs.labels):
        return None
    regression = ours.probabilities.shape[1] == 0
    score = SCORES[records[0].score_name]
    return compare_answers(ours.labels, ours.values, theirs.values, score, regression=regression)


def in_words(seen: Comparison, *, accuracy: bool) -> str:
    """Return what a paired comparison says, in a sentence or two."""
    relation = "higher" if seen.difference > 0 else "lower"
    size = Practical(seen.examples if accuracy else None).words(abs(seen.difference), relation)
    scores = f"the first scores {size} ({interval(seen.low, seen.high)})"
    if seen.p is None:
        return f"{scores}."
    sure = "more than chance makes" if seen.p < LEVEL else "no more than chance makes"
    return (
        f"{scores}. It alone is right in {seen.only_one}, the second alone in {seen.only_other}, "
        f"{sure} (McNemar's exact test, {chance(seen.p)})."
    )
