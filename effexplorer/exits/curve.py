"""What a threshold does to a whole split: score against compute, where rows leave, and how sure.

The Early exit tab computes the same in the browser, where a slider moves; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from effexplorer.exits.policies import leave

POINTS = 200  # thresholds of a curve: about one for each pixel that it is drawn with


@dataclass(frozen=True)
class Curve:
    """Score against mean compute, one point for each threshold, the surest last.

    All are ``(points,)``; the last threshold is infinite, which is full depth. ``macs`` and
    ``layers`` are means over the examples.
    """

    thresholds: np.ndarray
    scores: np.ndarray
    macs: np.ndarray
    layers: np.ndarray


def candidates(readiness: np.ndarray, *, points: int = POINTS) -> np.ndarray:
    """Return the thresholds worth a look, in rising order: quantiles of ``(examples, exits)``.

    The last exit's readiness does not count, because nothing stays after it.
    """
    finite = readiness[:, :-1][np.isfinite(readiness[:, :-1])]
    return np.unique(np.quantile(finite, np.linspace(0, 1, points))) if finite.size else finite


def curve(
    readiness: np.ndarray,
    answers: np.ndarray,
    macs: np.ndarray,
    layers: np.ndarray,
    score: Callable[[np.ndarray], float],
    *,
    points: int = POINTS,
) -> Curve:
    """Return the curve of every threshold that makes a difference.

    ``readiness``, ``answers`` and ``macs`` are ``(examples, exits)``, ``layers`` ``(exits,)``;
    ``score`` takes one answer per example.
    """
    rows = np.arange(len(answers))
    thresholds = np.append(candidates(readiness, points=points), np.inf)
    left = [leave(readiness, threshold) for threshold in thresholds]
    return Curve(
        thresholds,
        scores=np.array([score(answers[rows, exits]) for exits in left]),
        macs=np.array([macs[rows, exits].mean() for exits in left]),
        layers=np.array([layers[exits].mean() for exits in left]),
    )


def leaving_shares(left: np.ndarray, exits: int) -> np.ndarray:
    """Return the share ``(exits,)``, 0 to 1, of the examples that leave at each exit.

    ``left`` ``(examples,)`` is the exit at which each leaves, from 0.
    """
    return np.bincount(left, minlength=exits) / len(left)


def depth_by_tag(left: np.ndarray, layers: np.ndarray, tags: np.ndarray) -> dict[str, float]:
    """Return for each tag the mean layer at which its examples leave, the shallowest first."""
    depths = {str(tag): float(layers[left[tags == tag]].mean()) for tag in np.unique(tags)}
    return dict(sorted(depths.items(), key=lambda depth: depth[1]))


def reliability(sure: np.ndarray, right: np.ndarray, *, bins: int = 10) -> np.ndarray:
    """Return ``(bins, 3)``: how many, how sure and how often right they are, over equal widths.

    ``sure`` (0 to 1) and ``right`` are ``(examples,)``, those of one exit; the mean confidence and
    the accuracy of an empty bin are NaN. Source: Guo et al. 2017 (arXiv 1706.04599), section 2.
    """
    place = np.minimum((sure * bins).astype(int), bins - 1)
    bars = np.full((bins, 3), np.nan)
    bars[:, 0] = np.bincount(place, minlength=bins)
    for bin in np.unique(place):
        bars[bin, 1:] = sure[place == bin].mean(), right[place == bin].mean()
    return bars


def changed_by_leaving(
    answers: np.ndarray, left: np.ndarray, labels: np.ndarray
) -> tuple[int, int]:
    """Return how many are right early and wrong late, and how many wrong early and right late.

    Early is the exit ``left`` ``(examples,)``, late is the last; ``answers`` is
    ``(examples, exits)``, and both it and ``labels`` ``(examples,)`` are classes.
    """
    early = answers[np.arange(len(answers)), left] == labels
    late = answers[:, -1] == labels
    return int((early & ~late).sum()), int((~early & late).sum())
