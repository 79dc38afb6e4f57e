"""Simulates the verdicts on order: how often they are wrong, and how often they come.

The truth is known: all orders of one mean, or two camps of orders that are the margin apart, or
further. Every set of two to four operators is run in every order, as in the study. Each seed moves
all orders alike, and each trained prefix all orders that begin with it. A page has four tasks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.spread import Spread, Table, spreads
from effexplorer.analysis.statistics import holm
from effexplorer.analysis.verdict import LEVEL, MARGIN

OPERATORS = "DPEQ"
SETS = [some for n in (2, 3, 4) for some in itertools.combinations(OPERATORS, n)]
TASKS = 4
NOISE = 0.3  # points that each trained step adds: pairs of two steps then differ as on SST-2
SEED_NOISE = 1.0  # points by which a seed moves all orders alike


@dataclass(frozen=True)
class Rates:
    """How often a page's sets of 2, 6 and 24 orders are answered, and any set with NO."""

    yes: dict[int, float]
    no: dict[int, float]
    any_no: float


def rates(pages: int, seeds: int, apart: float, *, unequal: float = 0.0) -> Rates:
    """Return the answers where half of the orders are ``apart`` points better than the others.

    ``unequal`` is the deviation of the logarithm of the noise from operator to operator.
    """
    random = np.random.default_rng(0)
    yes: dict[int, list[bool]] = {2: [], 6: [], 24: []}
    no: dict[int, list[bool]] = {2: [], 6: [], 24: []}
    any_no = []
    for _ in range(pages):
        answers = list(
            _answers([s for _ in range(TASKS) for s in _task(random, seeds, apart, unequal)])
        )
        for orders, is_yes, is_no in answers:
            yes[orders].append(is_yes)
            no[orders].append(is_no)
        any_no.append(any(is_no for *_, is_no in answers))
    shares = [{orders: float(np.mean(said)) for orders, said in by.items()} for by in (yes, no)]
    return Rates(shares[0], shares[1], float(np.mean(any_no)))


def table(pages: int) -> Iterator[str]:
    """Yield the rows of the table in docs/verdicts.md."""
    yield (
        "| true distance | noise of operators | seeds | yes: 2, 6, 24 orders | no: 2, 6, 24 orders "
        "| any false no on a page of 44 |"
    )
    yield "|---|---|---|---|---|---|"
    cases = ((0.0, 0.0), (MARGIN, 0.0), (MARGIN, 0.5), (3.0, 0.0))
    for (apart, unequal), seeds in itertools.product(cases, (3, 6, 10)):
        seen = rates(pages, seeds, apart, unequal=unequal)
        said = (", ".join(f"{100 * v:.1f} %" for v in by.values()) for by in (seen.yes, seen.no))
        wrong = f"{100 * seen.any_no:.1f} %" if apart <= MARGIN else "all are right"
        noise = "differs" if unequal else "alike"
        yield f"| {apart:g} points | {noise} | {seeds} | {' | '.join(said)} | {wrong} |"


def _answers(scattered: list[Spread]) -> Iterator[tuple[int, bool, bool]]:
    for seen, corrected in zip(scattered, holm([seen.beyond for seen in scattered]), strict=True):
        yes = seen.within < LEVEL
        yield seen.orders, yes, corrected < LEVEL and not yes


def _task(random: np.random.Generator, seeds: int, apart: float, unequal: float) -> list[Spread]:
    scale = NOISE * np.exp(random.normal(0, unequal, len(OPERATORS)))
    noise = dict(zip(OPERATORS, scale, strict=True))
    moved = {(): random.normal(0, SEED_NOISE, seeds)}

    def score(order: tuple[str, ...]) -> np.ndarray:
        if order not in moved:
            moved[order] = score(order[:-1]) + random.normal(0, noise[order[-1]], seeds)
        return moved[order]

    tables = []
    for operators in SETS:
        orders = tuple(itertools.permutations(operators))
        camp = np.arange(len(orders)) < len(orders) // 2
        scores = 85 + np.array([score(order) for order in orders]) + apart * camp[:, None]
        tables.append(Table(orders, tuple(range(seeds)), scores))
    return spreads(tables)
