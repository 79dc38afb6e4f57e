"""Simulates the verdict on sizes: swept families whose reductions multiply, nearly, or do not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from effexplorer.analysis.multiplicativity import TOLERANCE
from effexplorer.analysis.trade_off import MARGIN, reductions, scaling
from effexplorer.analysis.verdict import LEVEL

STEPS = np.array([0.4, 0.7, 1.0, 1.3, 1.6])  # settings, in parts of what costs the tolerance
ALONE = np.log([2.0, 3.0])  # reductions at which each operator alone has lost the tolerance
NOISES = (0.1, 0.3)  # points from run to run of one seed
TESTS = 44


def rates(studies: int, seeds: int, ratio: float, noise: float) -> tuple[float, float, float]:
    """Return the shares of YES and NO at the true M ``ratio``, and of NO if asked alone."""
    random = np.random.default_rng(0)
    yes = np.zeros(studies, dtype=bool)
    no = np.zeros((2, studies), dtype=bool)
    for study in range(studies):
        dense, families = _families(random, seeds, ratio, noise)
        logs = [reductions(dense, runs, TOLERANCE) for runs in families]
        if np.isfinite(logs).all():
            seen = scaling(*logs)
            yes[study] = seen.within < LEVEL
            no[:, study] = [seen.beyond * tests < LEVEL for tests in (TESTS, 1)]
    return float(yes.mean()), float(no[0].mean()), float(no[1].mean())


def table(studies: int) -> Iterator[str]:
    """Yield the rows of the table in docs/verdicts.md."""
    yield "| true M | noise of a run | seeds | yes | no | no, if nothing else were asked |"
    yield "|---|---|---|---|---|---|"
    cases = itertools.product((1.0, 1 / MARGIN, 0.5), NOISES, (3, 6, 10))
    for ratio, noise, seeds in cases:
        said = " | ".join(f"{100 * share:.1f} %" for share in rates(studies, seeds, ratio, noise))
        yield f"| {ratio:.2f} | {noise:g} points | {seeds} | {said} |"


def _families(random: np.random.Generator, seeds: int, ratio: float, noise: float):
    """Return the table of the dense model and those of both operators alone and together."""
    moved = random.normal(0, 1, seeds)

    def runs(steps: np.ndarray, reach: float) -> np.ndarray:
        lost = TOLERANCE * steps[:, None] ** 2
        scores = 88 + moved - lost + random.normal(0, noise, (len(steps), seeds))
        sizes = np.broadcast_to(-reach * steps[:, None], scores.shape)
        return np.stack([scores, sizes], -1)

    reaches = (*ALONE, ALONE.sum() + np.log(ratio))
    return runs(np.zeros(1), 0.0), [runs(STEPS, reach) for reach in reaches]
