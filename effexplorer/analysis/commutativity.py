"""Commutativity: whether the order of operators matters, or only chance.

Source of the question: Xin et al. 2022, arXiv 2208.00483. Runs with exits are compared at full
depth here; ``exit_area`` compares their whole curves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from effexplorer.analysis.groups import Group, Order, in_words, operator_names
from effexplorer.analysis.orders import legal_orders
from effexplorer.analysis.statistics import equal_means, equal_means_paired, pooled_deviation
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict, chance, listed
from effexplorer.units import many

NOISE = 2.0  # standard deviations from seed to seed that a difference must exceed to count
SIGNIFICANT = 0.05
_NO_MATTER = "does not matter here beyond chance"


@dataclass(frozen=True)
class Spread:
    """How far orders lie apart, beside how far seeds do.

    ``orders`` have ``seeds`` values each at least; ``range`` is that of their means and
    ``deviation`` the pooled one within an order, in points. ``p`` is the chance of means as far
    apart if order did nothing. The more orders, the wider chance alone spreads them: of 24 with 3
    seeds by 2.3 deviations on average, which the range does not allow for and ``p`` does.
    """

    orders: int
    seeds: int
    range: float
    deviation: float
    p: float

    @property
    def small(self) -> bool:
        """Tell whether the range is at most twice the deviation."""
        return self.range <= NOISE * self.deviation


def spread(scores: Mapping[Order, Sequence[float]], *, paired: bool = False) -> Spread:
    """Return how far the orders' mean ``scores`` lie apart; there must be at least one order.

    ``paired`` says that the i-th scores of all orders have one seed: ``p`` then leaves out what
    that seed does to all of them. ``deviation`` and ``p`` are NaN where they cannot be told.
    """
    samples = list(scores.values())
    means = [float(np.mean(one)) for one in samples]
    return Spread(
        orders=len(samples),
        seeds=min(map(len, samples)),
        range=max(means) - min(means),
        deviation=pooled_deviation(samples),
        p=(equal_means_paired if paired else equal_means)(samples),
    )


def comparable(group: Group, operators: Order) -> tuple[dict[Order, list[float]], bool]:
    """Return the scores of the orders of ``operators`` with two seeds or more, and if they pair up.

    They are paired, and only the seeds that all orders share are kept, where two or more are.
    """
    found = {order: group.scores(order) for order in group.orders(operators)}
    found = {order: by_seed for order, by_seed in found.items() if len(by_seed) > 1}
    shared = sorted(set.intersection(*map(set, found.values()))) if found else []
    if len(shared) > 1:
        return {order: [by[seed] for seed in shared] for order, by in found.items()}, True
    return {order: list(by.values()) for order, by in found.items()}, False


def commutativity(group: Group, operators: Order) -> Verdict:
    """Return whether the order of ``operators`` (steps, as the group names them) does not matter.

    YES when the range of the orders' mean scores is at most twice the deviation from seed to seed;
    the sentence tells if the same small difference shows with every seed (p below 0.05). NO when
    the range is more and the test of equal means agrees. Else it cannot be told, and never from one
    order or one seed.
    """
    scores, paired = comparable(group, operators)
    name = listed(sorted(operator_names(operators)))
    if len(scores) < 2:
        return Verdict(CANNOT_TELL, _too_little(group, operators, name))
    found = spread(scores, paired=paired)
    numbers = {**asdict(found), "paired": float(paired)}
    answer = YES if found.small else NO if found.p < SIGNIFICANT else CANNOT_TELL
    best = max(scores, key=lambda order: float(np.mean(scores[order])))
    steady = answer == YES and found.p < SIGNIFICANT
    opening = {
        YES: f"Order {'matters less here than the seed' if steady else _NO_MATTER}",
        NO: f"Order matters here, and {in_words(best)} is best",
        CANNOT_TELL: "Cannot tell whether order matters here",
    }[answer]
    sentence = f"{opening}: {_numbers(found, paired)}."
    if answer == CANNOT_TELL:
        sentence += " That is more than twice what seeds do, and yet may be chance."
    return Verdict(answer, sentence + _left_out(group, operators, len(scores)), numbers)


def _numbers(found: Spread, paired: bool) -> str:
    seeds = f"{found.seeds} seeds each" if paired else f"{found.seeds} seeds or more, not the same"
    return (
        f"the means of {found.orders} orders differ by at most {found.range:.1f} points, and one "
        f"seed from the next by {found.deviation:.1f} (standard deviation; {seeds}; "
        f"{chance(found.p)})"
    )


def _left_out(group: Group, operators: Order, compared: int) -> str:
    legal = len(legal_orders(group.setting.model, operators))
    return f" Of {legal} legal orders {compared} were run with two seeds." * (legal > compared)


def _too_little(group: Group, operators: Order, name: str) -> str:
    orders = group.orders(operators)
    seeds = max((len(group.runs[order]) for order in orders), default=0)
    return (
        f"Cannot tell whether the order of {name} matters: it takes two orders with two seeds "
        f"each, and so far there {'is' if len(orders) == 1 else 'are'} "
        f"{many(len(orders), 'order')} with {many(seeds, 'seed')} at most."
    )
