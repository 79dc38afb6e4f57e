"""The orders that a set of operators could stand in, of which a group may hold only some."""

from __future__ import annotations

import itertools

from effexplorer.analysis.groups import QUANTIZE, Order
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.operators import Outline
from effexplorer.operators.quantize import Quantize
from effexplorer.pipeline import parse_steps, step_problems

_MOST = 5  # operators: they have 120 orders, 8 would have 40,320


def all_orders(model: str, operators: Order) -> list[tuple[Order, str | None]]:
    """Return every order of ``operators`` as it would be run, and why it cannot, or None.

    As in ``Group.orders``, a plain ``quantize`` trains where something that trains follows it.
    Empty when it cannot be told: for an unknown model or operator, and for none or more than five.
    """
    if not 0 < len(operators) <= _MOST:
        return []
    try:
        outline = Outline(layers=find_model(model).layers)
        steps = {operator: parse_steps(operator)[0] for operator in set(operators)}
    except UserError:
        return []
    checked = []
    for order in sorted(set(itertools.permutations(operators))):
        ways = itertools.product(
            *(
                (steps[name], Quantize(mode="aware")) if name == QUANTIZE else (steps[name],)
                for name in order
            )
        )
        checked_ways = [
            (way, next(filter(None, step_problems(way, outline)), None)) for way in ways
        ]
        way, problem = next(
            (checked for checked in checked_ways if checked[1] is None), checked_ways[0]
        )
        checked.append((order if problem else tuple(map(str, way)), problem))
    return checked


def legal_orders(model: str, operators: Order) -> list[Order]:
    """Return the orders of ``operators`` that can be run on ``model``, sorted; see all_orders."""
    return sorted(order for order, problem in all_orders(model, operators) if not problem)
