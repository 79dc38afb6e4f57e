"""Commutativity: whether the order of operators matters by more than a margin.

Source of the question: Xin et al. 2023, Findings of ACL (arXiv 2208.00483). Runs with exits are
compared at full depth here; ``exit_area`` compares their whole curves. Rule: docs/verdicts.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.floor import void
from effexplorer.analysis.groups import Group, Order, in_words, operator_names
from effexplorer.analysis.orders import legal_orders
from effexplorer.analysis.practical import Practical, practical
from effexplorer.analysis.sample_size import seeds_that_tell
from effexplorer.analysis.spread import Spread, Table, spreads
from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    LEVEL,
    MARGIN,
    NO,
    YES,
    Evidence,
    Untested,
    Verdict,
    interval,
    listed,
    needed_p,
    seeds_needed,
)
from effexplorer.units import many


@dataclass(frozen=True)
class OrderEvidence:
    """What the runs of one set of operators say; see ``Spread``."""

    spread: Spread
    practical: Practical
    left_out: str = ""

    @property
    def beyond(self) -> float:
        """Return the p-value that no two orders differ by more than the margin."""
        return self.spread.beyond

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return YES if all orders are surely within the margin, NO if two are surely beyond it."""
        seen = self.spread
        margin = many(seen.margin, "point")
        answer = YES if seen.within < LEVEL else NO if corrected < LEVEL else CANNOT_TELL
        opening = {
            YES: f"Order does not matter here: the orders are surely less than {margin} apart",
            NO: f"Order matters here: some orders are surely more than {margin} apart",
            CANNOT_TELL: f"Cannot tell whether orders are more than {margin} apart",
        }[answer]
        sentence = (
            f"{opening}. Of {seen.orders}, {in_words(seen.best)} is best and "
            f"{in_words(seen.worst)} worst: {self.practical.words(seen.difference, 'apart')} "
            f"({interval(seen.low, seen.high)}; {many(seen.seeds, 'seed')})."
        )
        needed = None
        if answer == CANNOT_TELL:
            pairs = seen.orders * (seen.orders - 1) / 2
            needed = seeds_that_tell(
                seen.difference - seen.margin,
                seen.error,
                seen.seeds,
                level=LEVEL if seen.difference < seen.margin else LEVEL / pairs / tests,
            )
            sentence += f" If that is the true difference, {seeds_needed(needed)}."
        numbers = {
            "orders": seen.orders,
            "seeds": seen.seeds,
            "difference": seen.difference,
            "low": seen.low,
            "high": seen.high,
            "margin": seen.margin,
            "within": seen.within,
            "beyond": corrected,
            "needed": float("nan") if needed is None else needed,
        }
        needs = {
            YES: needed_p(f"two orders were {margin} apart", seen.within),
            NO: needed_p(f"no two orders were more than {margin} apart", corrected, tests),
        }
        return Verdict(answer, sentence + self.left_out, numbers, needs)


def comparable(group: Group, operators: Order) -> Table:
    """Return the scores of the orders of ``operators`` that were run with two seeds or more.

    Only the seeds that all of them share are kept. Empty where they share fewer than two, or where
    there are fewer than two orders.
    """
    scores = {order: group.scores(order) for order in group.orders(operators)}
    scores = {order: by_seed for order, by_seed in scores.items() if len(by_seed) > 1}
    seeds = sorted(set.intersection(*map(set, scores.values()))) if scores else []
    if len(scores) < 2 or len(seeds) < 2:
        return Table((), (), np.empty((0, 0)))
    rows = [[by_seed[seed] for seed in seeds] for by_seed in scores.values()]
    return Table(tuple(scores), tuple(seeds), np.array(rows, dtype=float))


def order_evidence(group: Group, *, margin: float = MARGIN) -> dict[Order, Evidence]:
    """Return what the runs of ``group`` say of every set of operators, two or more, by the set."""
    sets = [operators for operators in group.sets() if len(operators) > 1]
    tables = {operators: comparable(group, operators) for operators in sets}
    voids = {operators: void(group, table.orders) for operators, table in tables.items()}
    tested = [operators for operators in sets if tables[operators].orders and not voids[operators]]
    spread_of = dict(
        zip(tested, spreads([tables[operators] for operators in tested], margin), strict=True)
    )
    return {
        operators: _evidence(group, operators, spread_of.get(operators), voids[operators])
        for operators in sets
    }


def _evidence(group: Group, operators: Order, spread: Spread | None, void: str) -> Evidence:
    if spread is None:
        return Untested(void, void=True) if void else Untested(too_little(group, operators))
    legal = len(legal_orders(group.setting.model, operators))
    left_out = (
        f" Of {legal} legal orders {spread.orders} were run." if legal > spread.orders else ""
    )
    return OrderEvidence(spread, practical(group), left_out)


def too_little(group: Group, operators: Order) -> str:
    """Return in a sentence what runs of ``operators`` are missing for a verdict on their order."""
    orders = group.orders(operators)
    seeds = max((len(group.runs[order]) for order in orders), default=0)
    return (
        f"Cannot tell whether the order of {_name(operators)} matters: it takes two orders with "
        f"the same two seeds, and so far there {'is' if len(orders) == 1 else 'are'} "
        f"{many(len(orders), 'order')} with {many(seeds, 'seed')} at most."
    )


def _name(operators: Order) -> str:
    return listed(sorted(operator_names(operators)))
