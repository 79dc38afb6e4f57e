"""Which runs may be compared at all: those that surely score more than one answer for all.

Below that score nothing is left to lose, so that orders, sums and sizes look alike for no reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from effexplorer.analysis.groups import Group, Order, in_words
from effexplorer.analysis.statistics import critical, mean_and_error
from effexplorer.analysis.verdict import listed
from effexplorer.tasks.one_answer import one_answer

_NAMED = 2  # orders that a sentence names; more are counted


def surely_above(scores: Sequence[float], floor: float) -> bool:
    """Tell whether the mean of ``scores`` over seeds is above ``floor``: one-sided t-test, 5 %."""
    if len(scores) < 2:
        return False
    mean, error, freedom = mean_and_error(scores)
    return mean - critical(0.95, freedom) * error > floor


def void(group: Group, orders: Iterable[Order]) -> str:
    """Return in a sentence why ``orders`` may not be compared, or nothing if they may.

    The dense model belongs to every comparison. Where the score of one answer for all is not known,
    or an order has a single seed, nothing speaks against it here.
    """
    floor = one_answer(group.setting.task)
    members = [order for order in dict.fromkeys(((), *orders)) if len(group.scores(order)) > 1]
    low = [
        order
        for order in members
        if not surely_above(
            list(group.scores(order).values()), math.nan if floor is None else floor
        )
    ]
    if floor is None or not low:
        return ""
    names = [_name(order) for order in low[:_NAMED]]
    if len(low) > _NAMED:
        names.append(f"{len(low) - _NAMED} more")
    verb = "is" if len(low) == 1 else "are"
    return (
        f"Void: {listed(names)} {verb} not surely above one answer for all ({floor:.1f} %), where "
        "nothing is left to lose."
    )


def _name(order: Order) -> str:
    return in_words(order) if order else "the dense model"
