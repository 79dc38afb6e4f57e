"""The statistics that verdicts stand on: intervals, tests against a margin, Holm's correction.

SciPy is loaded when a verdict is asked for: it would keep the app waiting for a third of a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

Values = np.ndarray[Any, np.dtype[np.float64]]


def pooled_deviation(samples: Iterable[Sequence[float]]) -> float:
    """Return the standard deviation within ``samples``, pooled over those of two values or more.

    NaN when no sample has two.
    """
    several = [np.asarray(sample, dtype=float) for sample in samples if len(sample) > 1]
    freedom = sum(len(sample) - 1 for sample in several)
    squares = sum(float(((sample - sample.mean()) ** 2).sum()) for sample in several)
    return math.sqrt(squares / freedom) if freedom else math.nan


def paired_interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of ``differences`` and its 95 % interval by Student's t.

    The interval is infinite for a single difference; there must be at least one.
    """
    mean, error, freedom = mean_and_error(differences)
    half = critical(0.975, freedom) * error if freedom else math.inf
    return mean, mean - half, mean + half


def mean_and_error(values: Sequence[float]) -> tuple[float, float, int]:
    """Return the mean of ``values``, its standard error and the degrees of freedom.

    The error of a single value is infinite.
    """
    array = np.asarray(values, dtype=float)
    freedom = len(array) - 1
    error = float(array.std(ddof=1)) / math.sqrt(len(array)) if freedom else math.inf
    return float(array.mean()), error, freedom


def critical(level: float, freedom: float) -> float:
    """Return the quantile ``level`` of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, level))


def upper_tail(distance: Values, error: Values, freedom: Values | float) -> Values:
    """Return the chance that Student's t exceeds ``distance / error``; no error leaves no doubt."""
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.nan_to_num(np.asarray(distance) / error, nan=0.0, posinf=1e9, neginf=-1e9)
    return np.asarray(stdtr(freedom, -statistic), dtype=float)


def within(difference: Values, error: Values, freedom: Values | float, margin: float) -> Values:
    """Return the p-values that true differences are as large as ``margin`` or larger.

    Two one-sided t-tests. Source: Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15.
    """
    return upper_tail(margin - np.abs(difference), error, freedom)


def beyond(difference: Values, error: Values, freedom: Values | float, margin: float) -> Values:
    """Return the p-values that true differences are as small as ``margin`` or smaller.

    A t-test whose null hypothesis is an interval; with a margin of 0 it is the usual one. Source:
    Murphy and Myors 1999, J. Applied Psychology 84 (minimum-effect tests).
    """
    size = np.abs(difference)
    near = upper_tail(size - margin, error, freedom)
    return np.minimum(near + upper_tail(size + margin, error, freedom), 1.0)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return ``p_values`` corrected for their number by Holm's method, each at most 1.

    Source: Holm 1979, Scandinavian J. Statistics 6. Whatever their dependence, the chance that any
    true hypothesis is rejected at 0.05 is then at most 0.05.
    """
    order = np.argsort(p_values, kind="stable")
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, (len(p_values) - rank) * p_values[place])
        corrected[place] = min(largest, 1.0)
    return corrected


def moderate(variances: Values, freedoms: Values) -> tuple[Values, Values]:
    """Return ``variances`` drawn towards their pooled one, and their degrees of freedom.

    Empirical Bayes: the more alike the variances are, the more of each other's degrees of freedom
    they borrow, at most all. Source: Smyth 2004, Statistical Applications in Genetics and Molecular
    Biology 3, section 6; here cautious, because few variances tell little of how alike they are:
    they count as unlike by a standard error more than they seem, and the pooled variance is their
    mean, which is above Smyth's.
    """
    from scipy.special import polygamma, psi

    least = 1e-5 * float(np.median(variances)) if len(variances) else 0.0
    if len(variances) < 2 or least == 0:
        return variances, freedoms
    logs = np.log(np.maximum(variances, least)) - psi(freedoms / 2) + np.log(freedoms / 2)
    chance = float(polygamma(1, freedoms / 2).mean())  # the variance of logs if all are alike
    excess = max(0.0, float(np.var(logs, ddof=1)) - chance)
    excess += (excess + chance) * math.sqrt(2 / (len(variances) - 1))
    prior = 2 * _inverse_trigamma(excess)
    pooled = float(np.average(variances, weights=freedoms))
    moderated = (prior * pooled + freedoms * variances) / (prior + freedoms)
    return moderated, np.minimum(prior + freedoms, freedoms.sum())


def _inverse_trigamma(value: float) -> float:
    """Return the x whose trigamma is ``value``, by Newton's method (Smyth 2004, appendix)."""
    from scipy.special import polygamma

    x = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x
