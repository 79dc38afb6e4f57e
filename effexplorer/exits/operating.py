"""The operating point: the cheapest threshold that keeps a share of the full-depth score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from effexplorer.exits.curve import POINTS, candidates
from effexplorer.exits.policies import leave

KEEP = 0.99  # of the full-depth score


def cheapest_threshold(
    readiness: np.ndarray,
    answers: np.ndarray,
    macs: np.ndarray,
    score: Callable[[np.ndarray], float],
    *,
    keep: float = KEEP,
    points: int = POINTS,
    steady: bool = False,
) -> float | None:
    """Return the threshold of least mean compute whose score is at least ``keep`` of full depth's.

    ``readiness``, ``answers`` (the class or number that each exit gives) and ``macs`` are
    ``(examples, exits)``; ``score`` takes one answer per example. Looks at quantiles of the
    readiness; ties go to the surer one. None is full depth, when nothing cheaper qualifies. A
    full-depth score below zero, which a correlation can have, may be lost by the same share.

    With ``steady`` every surer threshold must keep it too: on few examples the score goes up and
    down along the thresholds, and one that luck lifts would not keep it on others.
    """
    rows = np.arange(len(answers))
    full = score(answers[:, -1])
    wanted = full - (1 - keep) * abs(full)
    best, least = None, macs[:, -1].mean()
    for threshold in reversed(candidates(readiness, points=points)):
        exits = leave(readiness, threshold)
        cost = macs[rows, exits].mean()
        if cost >= least:
            continue
        if score(answers[rows, exits]) >= wanted:
            best, least = float(threshold), cost
        elif steady:
            break
    return best
