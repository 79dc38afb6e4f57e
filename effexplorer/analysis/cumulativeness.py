"""Cumulativeness: what single operators predict of a pipeline, and how far it comes out elsewhere.

Source of the question: Xin et al. 2023, Findings of ACL (arXiv 2208.00483). With a0 and c0 the
dense model's score and cost, a_i and c_i those after operator i alone: ``a0 + sum(a_i - a0)``,
``a0 * prod(a_i / a0)`` and ``c0 * prod(c_i / c0)``. An operator that stands twice counts twice.
Runs with exits count at full depth. ``prediction_error`` judges the sum over all combinations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.groups import Group, Order
from effexplorer.analysis.verdict import listed
from effexplorer.records.schema import COSTS, Record


@dataclass(frozen=True)
class Prediction:
    """What the runs of single operators predict of an order.

    Scores are percent, ``costs`` those of ``record.COSTS`` in their own units. ``seeds`` are those
    whose runs it rests on (their means, if several); empty when dense model and operators share no
    seed and each counts with the mean of its own.
    """

    order: Order
    additive: float
    multiplicative: float
    costs: dict[str, float]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Miss:
    """Measured minus predicted score in points, and measured costs as a ratio to predicted."""

    additive: float
    multiplicative: float
    costs: dict[str, float]


def predict(group: Group, order: Order, seed: int | None = None) -> Prediction | None:
    """Return what single operators predict of ``order``, or None where ``why_not`` tells.

    It rests on the runs of ``seed`` if the dense model and every operator have one, else on the
    means over the seeds that they share.
    """
    if why_not(group, order):
        return None
    parts = [group.runs[start] for start in ((), *((step,) for step in order))]
    shared = sorted(set.intersection(*map(set, parts)))
    seeds = [seed] if seed in shared else shared
    used = [[part[seed] for seed in seeds or part] for part in parts]
    scores = np.array([_mean([record.final.score for record in records]) for records in used])
    costs = {}
    for axis in COSTS:
        dense, *single = (
            _mean([record.final.cost(axis) for record in records]) for records in used
        )
        costs[axis] = dense * math.prod(cost / dense for cost in single)
    return Prediction(
        tuple(order),
        additive=float(scores[0] + (scores[1:] - scores[0]).sum()),
        multiplicative=_product(scores),
        costs=costs,
        seeds=tuple(seeds),
    )


def why_not(group: Group, order: Order) -> str | None:
    """Return in a sentence why nothing can be predicted of ``order``, or None if it can."""
    if len(order) < 2:
        return "No prediction: it takes two operators or more."
    missing = [
        start
        for start in ((), *((step,) for step in dict.fromkeys(order)))
        if not _has(group, start)
    ]
    if not missing:
        return None
    names = [f"{start[0]} alone" if start else "the dense model" for start in missing]
    return f"No prediction: {listed(names)} {'was' if len(names) == 1 else 'were'} not run."


def compare(prediction: Prediction, record: Record) -> Miss:
    """Return how far ``record`` came out from its ``prediction``."""
    last = record.final
    return Miss(
        last.score - prediction.additive,
        last.score - prediction.multiplicative,
        {axis: last.cost(axis) / cost for axis, cost in prediction.costs.items() if cost},
    )


def _product(scores: np.ndarray) -> float:
    """Return ``a0 * prod(a_i / a0)``; 0 for a dense score of 0, which cannot be multiplied."""
    return float(scores[0] * np.prod(scores[1:] / scores[0])) if scores[0] else 0.0


def _has(group: Group, order: Order) -> bool:
    return bool(group.runs.get(order))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
