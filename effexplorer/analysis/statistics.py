"""The little statistics that verdicts need: seed noise, intervals and tests.

SciPy is loaded when a verdict is asked for: it would keep the app waiting for a third of a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

_ROUNDING = 1e-18  # a sum of squares that rounding alone can make


def pooled_deviation(samples: Iterable[Sequence[float]]) -> float:
    """Return the standard deviation within ``samples``, pooled over those of two values or more.

    NaN when no sample has two.
    """
    several = [np.asarray(one, dtype=float) for one in samples if len(one) > 1]
    freedom = sum(len(one) - 1 for one in several)
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in several)
    return math.sqrt(squares / freedom) if freedom else math.nan


def equal_means(samples: Sequence[Sequence[float]]) -> float:
    """Return the p-value of a one-way analysis of variance: that all samples have one mean.

    NaN when it cannot be told: fewer than two samples, or none with two values.
    """
    values = [np.asarray(one, dtype=float) for one in samples]
    total = sum(map(len, values))
    if len(values) < 2 or total <= len(values):
        return math.nan
    middle = np.concatenate(values).mean()
    between = sum(len(one) * (one.mean() - middle) ** 2 for one in values)
    within = sum(((one - one.mean()) ** 2).sum() for one in values)
    return _f_test(between, len(values) - 1, within, total - len(values))


def equal_means_paired(samples: Sequence[Sequence[float]]) -> float:
    """Return the p-value that all samples have one mean, where their i-th values belong together.

    An analysis of variance in randomised blocks, the blocks being the seeds: what a seed does to
    all orders alike, because they share its dense model, counts neither for nor against. For two
    samples it is the paired t-test. NaN for fewer than two samples or values.
    """
    table = np.asarray(samples, dtype=float)  # (samples, seeds)
    if table.ndim != 2 or min(table.shape) < 2:
        return math.nan
    orders, seeds = table.shape
    rest = table - table.mean(1, keepdims=True) - table.mean(0, keepdims=True) + table.mean()
    between = seeds * ((table.mean(1) - table.mean()) ** 2).sum()
    return _f_test(between, orders - 1, (rest**2).sum(), (orders - 1) * (seeds - 1))


def paired_interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of ``differences`` and its 95 % interval by Student's t.

    The interval is infinite for a single difference; there must be at least one.
    """
    from scipy.special import stdtrit

    values = np.asarray(differences, dtype=float)
    mean = float(values.mean())
    if len(values) < 2:
        return mean, -math.inf, math.inf
    half = stdtrit(len(values) - 1, 0.975) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return mean, mean - half, mean + half


def _f_test(between: float, above: int, within: float, below: int) -> float:
    """Return the chance of an F as large; differences that rounding alone made count as none."""
    from scipy.special import fdtrc

    if between < _ROUNDING:
        return 1.0
    return float(fdtrc(above, below, between / above / (within / below))) if within else 0.0
