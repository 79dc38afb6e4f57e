"""Two models on the same validation examples: the paired comparison of their answers.

Sources: McNemar 1947, Psychometrika 12 (the exact test is the binomial one on the examples that one
model alone answers right); the paired bootstrap as in Koehn 2004, EMNLP (W04-3250).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from effexplorer import limits
from effexplorer.analysis.statistics import Values
from effexplorer.errors import UserError

Score = Callable[[np.ndarray, np.ndarray], float]  # of answers and labels, 0 to 1


@dataclass(frozen=True)
class Comparison:
    """Two models on the same ``examples``.

    ``difference`` is the score of the one less that of the other in points, ``low`` to ``high`` its
    95 % interval by the paired bootstrap. ``only_one`` and ``only_other`` count the examples that
    one of them alone answers right, and ``p`` is McNemar's exact p-value that both are right
    equally often; None for a regression, whose answers are neither right nor wrong.
    """

    examples: int
    difference: float
    low: float
    high: float
    only_one: int | None = None
    only_other: int | None = None
    p: float | None = None


def compare_answers(
    labels: np.ndarray,
    first: np.ndarray,
    other: np.ndarray,
    score: Score,
    *,
    regression: bool = False,
) -> Comparison:
    """Return how the answers ``first`` and ``other`` (examples,) to the same examples compare.

    Raises UserError if they are not as many as ``labels``.
    """
    if not len(labels) == len(first) == len(other):
        raise UserError(
            "paired comparison: both models must answer the same examples; got "
            f"{len(first):,} and {len(other):,} answers to {len(labels):,}."
        )
    difference = 100 * (score(first, labels) - score(other, labels))
    low, high = np.quantile(_resampled(labels, first, other, score), (0.025, 0.975))
    seen = Comparison(len(labels), float(difference), float(low), float(high))
    if regression:
        return seen
    ours, theirs = first == labels, other == labels
    only_one, only_other = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    return Comparison(
        seen.examples,
        seen.difference,
        seen.low,
        seen.high,
        only_one,
        only_other,
        mcnemar(only_one, only_other),
    )


def mcnemar(only_one: int, only_other: int) -> float:
    """Return McNemar's exact two-sided p-value; 1 where the models are never right apart."""
    from scipy.special import bdtr

    discordant = only_one + only_other
    if not discordant:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(only_one, only_other), discordant, 0.5)))


def _resampled(labels: np.ndarray, first: np.ndarray, other: np.ndarray, score: Score) -> Values:
    """Return the difference in points on resamples of the examples, the same for both models."""
    random = np.random.default_rng(0)
    draws = random.integers(len(labels), size=(limits.BOOTSTRAP_RESAMPLES, len(labels)))
    return np.array(
        [
            100 * (score(first[draw], labels[draw]) - score(other[draw], labels[draw]))
            for draw in draws
        ]
    )
