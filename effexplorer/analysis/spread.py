"""How far the means of orders lie apart, tested against a margin over all pairs of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.groups import Order
from effexplorer.analysis.prefixes import Noise, moderated, noise
from effexplorer.analysis.statistics import Values, beyond, critical, within
from effexplorer.analysis.verdict import MARGIN


@dataclass(frozen=True)
class Table:
    """The scores of several orders (orders, seeds), with the seeds that all of them have."""

    orders: tuple[Order, ...]
    seeds: tuple[int, ...]
    scores: Values


@dataclass(frozen=True)
class Spread:
    """How far orders lie apart, in points: the two whose means differ most, and the tests.

    ``low`` and ``high`` are the 95 % interval of ``difference``, simultaneous over all pairs.
    ``within`` is the p-value that some pair differs by ``margin`` or more, ``beyond`` that none
    differs by more. ``needed`` seeds would tell, if the differences were those seen.
    """

    best: Order
    worst: Order
    orders: int
    seeds: int
    difference: float
    low: float
    high: float
    margin: float
    within: float
    beyond: float
    error: float
    freedom: float


def spreads(tables: Sequence[Table], margin: float = MARGIN) -> list[Spread]:
    """Return how far the orders of each of ``tables`` lie apart; each has two orders and seeds.

    The tables are sets of operators on the same task: the variances of their differences are
    moderated together. Tests of pairs are corrected for the number of pairs (Bonferroni); "all
    within" needs none, because each pair must pass (intersection-union).
    """
    noises = moderated([noise(table.orders, table.scores) for table in tables])
    return [_spread(table, scatter, margin) for table, scatter in zip(tables, noises, strict=True)]


def _spread(table: Table, noise: Noise, margin: float) -> Spread:
    means, seeds = table.scores.mean(1), table.scores.shape[1]
    above, below = np.triu_indices(len(means), k=1)
    difference = means[above] - means[below]
    kind = noise.kind[above, below]
    error, freedom = np.sqrt(noise.variances[kind] / seeds), noise.freedoms[kind]
    pairs = len(difference)
    widest = int(np.argmax(np.abs(difference)))
    half = critical(1 - 0.025 / pairs, freedom[widest]) * error[widest]
    size = abs(float(difference[widest]))
    return Spread(
        best=table.orders[int(np.argmax(means))],
        worst=table.orders[int(np.argmin(means))],
        orders=len(means),
        seeds=seeds,
        difference=size,
        low=size - half,
        high=size + half,
        margin=margin,
        within=float(within(difference, error, freedom, margin).max()),
        beyond=min(1.0, pairs * float(beyond(difference, error, freedom, margin).min())),
        error=float(error[widest]),
        freedom=float(freedom[widest]),
    )
