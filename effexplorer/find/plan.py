"""The plan of a search: on how many rows it explores, and what its budget buys."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from effexplorer import limits, units
from effexplorer.errors import UserError
from effexplorer.find.prices import Prices
from effexplorer.find.request import CONFIRM_SEEDS, Request
from effexplorer.find.space import Steps
from effexplorer.pipeline import Pipeline

_ENOUGH = 24  # stages on all rows that make fewer rows unnecessary: a third of the replayed space
_SHARES = (2, 4, 8)  # the rows are divided by one of these, while rankings hold (docs/find.md)
FEW_ROWS_SHARE = 0.4  # of the time for exploring that may go to few rows
_STEPS = 2  # of a pipeline that is confirmed, before it is known: what fronts mostly have


@dataclass(frozen=True)
class Plan:
    """The training rows of each rung, few first, and what the budget is held to buy.

    ``stages`` are how many stages are explored on each rung, ``confirming`` the seconds that are
    kept for confirming one pipeline.
    """

    rungs: tuple[int | None, ...]
    stages: tuple[int, ...]
    confirming: float


def make_plan(
    request: Request, space: Sequence[Steps], prices: Prices, rows: int, workers: int
) -> Plan:
    """Return the plan for all ``rows`` and so many ``workers``; raises UserError for no budget.

    Fewer rows come first only where all of them would buy too few stages.
    """
    base, every = request.pipeline, request.pipeline.train_examples
    confirming = len(CONFIRM_SEEDS) * _stage(base, space, prices, every) * (1 + _STEPS) / workers
    left = request.budget - confirming
    full = _stage(base, space, prices, every) / workers
    if left < 3 * full:
        least = units.duration(confirming + 3 * full)
        raise UserError(
            f"find: budget must be at least {least}, to explore and confirm one pipeline; "
            f"got {units.duration(request.budget)}. Fewer train-examples need less."
        )
    if left / full >= _ENOUGH:
        return Plan((every,), (int(left / full),), confirming)
    fewer = [rows // share for share in _SHARES if rows // share >= limits.MIN_FIND_ROWS]
    for count in fewer:
        cheap = _stage(base, space, prices, count) / workers
        if FEW_ROWS_SHARE * left / cheap >= _ENOUGH or count == fewer[-1]:
            many = (int(FEW_ROWS_SHARE * left / cheap), int((1 - FEW_ROWS_SHARE) * left / full))
            return Plan((count, every), many, confirming)
    return Plan((every,), (int(left / full),), confirming)


def first_rows(request: Request, rows: int) -> int | None:
    """Return on how many rows a dense model shows the machine's speed, where nothing tells it."""
    fewer = [rows // share for share in _SHARES if rows // share >= limits.MIN_FIND_ROWS]
    return fewer[-1] if fewer else request.pipeline.train_examples


def _stage(base: Pipeline, space: Sequence[Steps], prices: Prices, rows: int | None) -> float:
    """Return the mean seconds of the dense model and each operator alone on so many rows."""
    single = [steps for steps in space if len(steps) <= 1]
    return fmean(
        prices.stage(dataclasses.replace(base, steps=steps, train_examples=rows))
        for steps in single
    )
