"""Size reductions at equal score, read off trade-off curves, and whether two of them multiply."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.statistics import Values, critical, mean_and_error, upper_tail

MARGIN = 1.1  # a reduction off by a tenth is no other choice of operators

Points = Mapping[int, tuple[float, float]]  # score and size by seed
Family = Sequence[Points]  # a setting or order each


@dataclass(frozen=True)
class Scaling:
    """The reductions ``first``, ``other`` and ``both`` at equal score, and ``ratio``, M.

    Of the means over ``seeds`` seeds; ``low`` and ``high`` are M's 95 % interval. ``within`` is
    the p-value that M is off by ``margin`` or more, ``beyond`` that it is off by less.
    """

    first: float
    other: float
    both: float
    ratio: float
    low: float
    high: float
    seeds: int
    within: float
    beyond: float


def table(runs: Family, seeds: Sequence[int]) -> Values:
    """Return score and logarithm of size (runs, seeds, 2)."""
    rows = [[(by[seed][0], math.log(by[seed][1])) for seed in seeds] for by in runs]
    return np.array(rows, dtype=float)


def reductions(dense: Values, runs: Values, tolerance: float) -> Values:
    """Return the logarithm of the dense size over that at which the curve has the target.

    Of the means over all seeds first, then over all but the first seed, and so on (seeds + 1).
    ``dense`` (1, seeds, 2) and ``runs`` are as in ``table``. Infinite where even the smallest model
    scores as much.
    """
    seeds = range(dense.shape[1])
    kept = [list(seeds), *([seed for seed in seeds if seed != left] for left in seeds)]
    logs = []
    for some in kept:
        means = np.concatenate([dense, runs])[:, some].mean(1)  # (1 + runs, 2)
        rising = means[np.argsort(means[:, 1], kind="stable")]
        scores = np.maximum.accumulate(rising[:, 0])
        logs.append(means[0, 1] - _crossing(rising[:, 1], scores, means[0, 0] - tolerance))
    return np.array(logs)


def scaling(first: Values, other: Values, both: Values) -> Scaling:
    """Return how ``reductions`` multiply; M's error is the jackknife's over seeds.

    Source: Tukey 1958, Annals of Mathematical Statistics 29 (pseudo-values, Student's t). The error
    is widened by ``seeds / (seeds - 1)``: the simulation found it too small for few seeds.
    """
    logs = both - first - other
    seeds = len(logs) - 1
    mean, error, freedom = mean_and_error(seeds * logs[0] - (seeds - 1) * logs[1:])
    error *= seeds / freedom
    half = critical(0.975, freedom) * error
    gap = np.array(math.log(MARGIN) - abs(mean))
    return Scaling(
        first=math.exp(first[0]),
        other=math.exp(other[0]),
        both=math.exp(both[0]),
        ratio=math.exp(mean),
        low=math.exp(mean - half),
        high=math.exp(mean + half),
        seeds=seeds,
        within=float(upper_tail(gap, np.array(error), freedom)),
        beyond=min(1.0, 2 * float(upper_tail(-gap, np.array(error), freedom))),
    )


def _crossing(sizes: Values, scores: Values, target: float) -> float:
    """Return the least size at which the rising line through the points reaches ``target``."""
    at = int(np.searchsorted(scores, target))  # the dense model reaches it
    if at == 0:
        return -math.inf
    share = (target - scores[at - 1]) / (scores[at] - scores[at - 1])
    return float(sizes[at - 1] + share * (sizes[at] - sizes[at - 1]))
