"""The acquisition: how much hypervolume a pipeline is expected to add to the front."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from effexplorer.analysis.pareto import front


def expected_gain(
    means: np.ndarray,
    deviations: np.ndarray,
    costs: np.ndarray,
    points: Sequence[tuple[float, float]],
    reference: tuple[float, float],
) -> np.ndarray:
    """Return the expected gain of hypervolume ``(pipelines,)``, each taken alone.

    Scores are normal with ``means`` and ``deviations``, costs are known. ``points`` are the
    ``(cost, score)`` measured so far; ``reference`` is the highest cost and the lowest score that
    count, as in ``hypervolume``. Over a stretch of costs on which the front has one score, the gain
    is the stretch's width times the expected improvement (Mockus 1975), so the sum is exact.
    """
    dearest, lowest = reference
    inside = [points[at] for at in front(points) if points[at][0] < dearest]
    edges = [0.0, *(cost for cost, _ in inside), dearest]
    levels = np.maximum.accumulate([lowest, *(score for _, score in inside)])
    gain = np.zeros(len(means))
    for left, right, level in zip(edges[:-1], edges[1:], levels, strict=True):
        width = np.clip(right - np.maximum(left, costs), 0.0, None)
        gain += width * _improvement(means - level, deviations)
    return gain


def _improvement(above: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Return the mean of what is positive of a normal of mean ``above``."""
    gain = deviations * density(above / deviations) + above * chance(above / deviations)
    return np.asarray(gain)


def density(z: np.ndarray) -> np.ndarray:
    """Return the standard normal density."""
    return np.asarray(np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi))


def chance(z: np.ndarray) -> np.ndarray:
    """Return the chance that a standard normal is below ``z``."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z))
