"""Cumulativeness: what single operators foretell of a pipeline, and how far it comes out elsewhere.

Source of the question: Xin et al. 2022, arXiv 2208.00483. With a0 and c0 the dense model's score
and cost, a_i and c_i those after operator i alone: ``a0 + sum(a_i - a0)``, ``a0 * prod(a_i / a0)``
and ``c0 * prod(c_i / c0)``. An operator that stands twice counts twice. Runs with exits count at
full depth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.groups import Group, Order, order_of
from effexplorer.analysis.statistics import paired_interval
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict, listed
from effexplorer.records.schema import COSTS, Record
from effexplorer.units import many

NOISE = 2.0  # standard deviations from seed to seed that the mean error may have
MEAN_OF_NORMAL = math.sqrt(2 / math.pi)  # the mean size of a normal error, in deviations


@dataclass(frozen=True)
class Prediction:
    """What the runs of single operators foretell of an order.

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
    """Return what single operators foretell of ``order``, or None where ``why_not`` tells.

    It rests on the runs of ``seed`` if the dense model and every operator have one, else on the
    means over the seeds that they share.
    """
    if why_not(group, order):
        return None
    parts = [group.runs[one] for one in ((), *((step,) for step in order))]
    shared = sorted(set.intersection(*map(set, parts)))
    seeds = [seed] if seed in shared else shared
    used = [[part[one] for one in seeds or part] for part in parts]
    scores = np.array([_mean([one.final.score for one in records]) for records in used])
    costs = {}
    for axis in COSTS:
        dense, *single = (_mean([one.final.cost(axis) for one in records]) for records in used)
        costs[axis] = dense * math.prod(one / dense for one in single)
    return Prediction(
        tuple(order),
        additive=float(scores[0] + (scores[1:] - scores[0]).sum()),
        multiplicative=_product(scores),
        costs=costs,
        seeds=tuple(seeds),
    )


def why_not(group: Group, order: Order) -> str | None:
    """Return in a sentence why nothing can be foretold of ``order``, or None if it can."""
    if len(order) < 2:
        return "No prediction: it takes two operators or more."
    missing = [
        one for one in ((), *((step,) for step in dict.fromkeys(order))) if not _has(group, one)
    ]
    if not missing:
        return None
    names = [f"{one[0]} alone" if one else "the dense model" for one in missing]
    return f"No prediction: {listed(names)} {'was' if len(names) == 1 else 'were'} not run."


def compare(prediction: Prediction, record: Record) -> Miss:
    """Return how far ``record`` came out from its ``prediction``."""
    last = record.final
    return Miss(
        last.score - prediction.additive,
        last.score - prediction.multiplicative,
        {axis: last.cost(axis) / cost for axis, cost in prediction.costs.items() if cost},
    )


def misses(group: Group) -> list[tuple[Record, Miss]]:
    """Return every run of two operators or more that could be foretold, with how far off it is."""
    found = []
    for order, by_seed in sorted(group.runs.items()):
        for seed, record in sorted(by_seed.items()):
            prediction = predict(group, order, seed)
            if prediction:
                found.append((record, compare(prediction, record)))
    return found


def cumulativeness(group: Group) -> Verdict:
    """Return whether combinations can be foretold from single operators.

    YES when the mean error of the better of both estimates is at most twice the deviation from seed
    to seed, pooled over all orders. NO when it is more than that and more than what an exact rule
    would show, too, because its estimate adds up the noise of several runs. Else, and from single
    seeds, it cannot be told.
    """
    found = misses(group)
    deviation = group.deviation()
    if not found:
        return Verdict(
            CANNOT_TELL,
            "Cannot tell whether combinations can be foretold: it takes a run of two operators or "
            "more, and of the dense model and each operator alone.",
        )
    numbers = _numbers(found) | {"deviation": deviation}
    error = min(numbers["additive"], numbers["multiplicative"])
    measured = (
        f"measured scores lie {numbers['additive']:.1f} points from the sum of single effects on "
        f"average, {numbers['multiplicative']:.1f} from their product "
        f"({many(len(found), 'run')}; measured minus sum {numbers['bias']:+z.1f}); files are "
        f"{numbers['bytes']:.2f} times as large as predicted"
    )
    if math.isnan(deviation):
        opening = "Cannot tell whether combinations can be foretold, as nothing has two seeds"
        return Verdict(CANNOT_TELL, f"{opening}: {measured}.", numbers)
    noise = deviation * MEAN_OF_NORMAL * numbers["noises"]
    answer = YES if error <= NOISE * deviation else NO if error > noise else CANNOT_TELL
    opening = {
        YES: "Combinations can be foretold from single operators",
        NO: "Combinations cannot be foretold from single operators",
        CANNOT_TELL: "Cannot tell whether combinations can be foretold",
    }[answer]
    ending = f"one seed differs from the next by {deviation:.1f} (standard deviation)"
    if answer == CANNOT_TELL:
        ending += f", with which even an exact rule could miss by as much as {noise:.1f}"
    sentence = f"{opening}: {measured}; {ending}.{_leaning(found)}"
    return Verdict(answer, sentence, numbers | {"noise": noise})


def _leaning(found: Sequence[tuple[Record, Miss]]) -> str:
    """Return a sentence if runs miss the sum on one side, beyond what seeds explain (95 %)."""
    seeds = {record.seed for record, _ in found}
    by_seed = [
        _mean([miss.additive for record, miss in found if record.seed == seed]) for seed in seeds
    ]
    _, low, high = paired_interval(by_seed)
    if low <= 0 <= high:
        return ""
    return f" Combinations do steadily {'better' if low > 0 else 'worse'} than the sum."


def _numbers(found: Sequence[tuple[Record, Miss]]) -> dict[str, float]:
    """Return the mean errors, and by how many deviations of one run an exact sum would miss."""
    additive = [miss.additive for _, miss in found]
    lengths = [len(order_of(record)) for record, _ in found]
    return {
        "runs": len(found),
        "additive": _mean(np.abs(additive)),
        "multiplicative": _mean([abs(miss.multiplicative) for _, miss in found]),
        "bias": _mean(additive),
        "noises": _mean([math.sqrt(1 + count + (count - 1) ** 2) for count in lengths]),
        **{axis: _mean([miss.costs.get(axis, math.nan) for _, miss in found]) for axis in COSTS},
    }


def _product(scores: np.ndarray) -> float:
    """Return ``a0 * prod(a_i / a0)``; 0 for a dense score of 0, which cannot be multiplied."""
    return float(scores[0] * np.prod(scores[1:] / scores[0])) if scores[0] else 0.0


def _has(group: Group, order: Order) -> bool:
    return bool(group.runs.get(order))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
