"""All orders of a set of operators as paths through the plane, each the mean over its seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from effexplorer.analysis.groups import Order
from effexplorer.figures.axes import scale_of, scaled
from effexplorer.records.schema import Record, Stage

ByOrder = Mapping[Order, Mapping[int, Record]]


@dataclass(frozen=True)
class Stop:
    """One stage of a path: its operator's letter, score in percent, cost in the axis' unit."""

    letter: str
    score: float
    cost: float


def score_of(stage: Stage, *, early: bool = False) -> float:
    """Return the stage's score in percent: at full depth, or ``early`` where its sentences leave.

    They leave at the threshold that was chosen on held-out training data. A stage without exits has
    full depth only.
    """
    return stage.operating["score"] if early and stage.operating else stage.score


def cost_of(stage: Stage, cost: str, *, early: bool = False) -> float:
    """Return the stage's cost in the unit of its axis; ``early`` counts for MACs alone.

    Leaving early makes no file smaller, and was not timed.
    """
    if early and stage.operating and cost == "macs":
        return stage.operating["macs"] / scale_of("macs")
    return scaled(stage, cost)


def paths(runs: ByOrder, cost: str, *, early: bool = False) -> dict[Order, list[Stop]]:
    """Return the way of each order from the dense model to its end.

    A stop is the mean over all seeds of which any run of ``runs`` has that beginning, so that
    orders go together until they part.
    """
    stages: dict[Order, dict[int, Stage]] = {}
    for order, by_seed in runs.items():
        for seed, record in by_seed.items():
            for depth, stage in enumerate(record.stages):
                stages.setdefault(order[:depth], {}).setdefault(seed, stage)
    stops = {
        beginning: Stop(
            letter=next(iter(by_seed.values())).letter,
            score=fmean(score_of(stage, early=early) for stage in by_seed.values()),
            cost=fmean(cost_of(stage, cost, early=early) for stage in by_seed.values()),
        )
        for beginning, by_seed in stages.items()
    }
    return {
        order: [stops[order[:depth]] for depth in range(len(order) + 1)]
        for order, by_seed in runs.items()
        if by_seed
    }
