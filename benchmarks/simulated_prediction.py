"""Simulates the verdict on predictions: exactly additive effects, errors at the margin, larger."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from effexplorer.analysis.prediction_error import prediction_error
from effexplorer.analysis.verdict import LEVEL, MARGIN

OPERATORS = "DPEQ"
EFFECTS = dict(zip(OPERATORS, (-3.0, -2.0, -0.5, -1.0), strict=True))
ORDERS = [order for n in range(5) for order in itertools.permutations(OPERATORS, n)]
NOISE = 0.3  # points that each trained step adds
TESTS = 44  # verdicts of a page; the smallest p-value is multiplied by as many


def rates(studies: int, seeds: int, error: float) -> tuple[float, float, float]:
    """Return the shares of YES and NO, and of NO if nothing else were asked.

    The true errors of combinations have the root mean square ``error``.
    """
    random = np.random.default_rng(0)
    seen = [prediction_error(ORDERS, _scores(random, seeds, error), MARGIN) for _ in range(studies)]
    yes = [evidence.within < LEVEL and evidence.skill > 0 for evidence in seen]
    no = [[evidence.beyond * tests < LEVEL for evidence in seen] for tests in (TESTS, 1)]
    return float(np.mean(yes)), float(np.mean(no[0])), float(np.mean(no[1]))


def table(studies: int) -> Iterator[str]:
    """Yield the rows of the table in docs/verdicts.md."""
    yield "| true error of predictions | seeds | yes | no | no, if nothing else were asked |"
    yield "|---|---|---|---|---|"
    for error, seeds in itertools.product((0.0, MARGIN, 3.0), (3, 6, 10)):
        said = " | ".join(f"{100 * share:.1f} %" for share in rates(studies, seeds, error))
        yield f"| {error:g} points | {seeds} | {said} |"


def _scores(random: np.random.Generator, seeds: int, error: float) -> np.ndarray:
    moved = {(): random.normal(0, 1, seeds)}
    for order in ORDERS[1:]:
        moved[order] = moved[order[:-1]] + random.normal(0, NOISE, seeds)
    single = np.array([len(order) < 2 for order in ORDERS])
    off = np.where(single, 0.0, random.normal(0, 1, len(ORDERS)))
    off *= error / np.sqrt((off[~single] ** 2).mean())
    effects = np.array([sum(EFFECTS[step] for step in order) for order in ORDERS])
    return 85 + np.array([moved[order] for order in ORDERS]) + (effects + off)[:, None]
