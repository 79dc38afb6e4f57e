"""The orders that a set of operators could stand in, of which a group may hold only some."""

from __future__ import annotations

import dataclasses
import itertools

from effexplorer.analysis.groups import QUANTIZE, Order
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.operators import Operator, Outline
from effexplorer.pipeline import parse_steps, step_problems

_MOST = 5  # operators: they have 120 orders, 8 would have 40,320


def legal_orders(model: str, operators: Order) -> list[Order]:
    """Return the orders of ``operators`` that can be run on ``model``, sorted.

    As in ``Group.orders``, a ``quantize`` after training trains where other steps follow it. Empty
    when it cannot be told: for an unknown model or operator, and for none or more than five.
    """
    if not 0 < len(operators) <= _MOST:
        return []
    try:
        outline = Outline(layers=find_model(model).layers)
        steps = {one: parse_steps(one)[0] for one in set(operators)}
    except UserError:
        return []
    found = (
        _legal([steps[one] for one in order], outline)
        for order in set(itertools.permutations(operators))
    )
    return sorted(tuple(map(str, order)) for order in found if order)


def _legal(steps: list[Operator], outline: Outline) -> list[Operator] | None:
    """Return ``steps`` as they can stand, or None if they cannot."""
    *before, last = steps
    training = [
        dataclasses.replace(step, mode="aware") if str(step) == QUANTIZE else step
        for step in before
    ]
    ways = (steps, [*training, last])
    return next((way for way in ways if not any(step_problems(tuple(way), outline))), None)
