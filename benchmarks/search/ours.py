"""Our search in a replay: the same explorer as ``effexplorer find``, paying in sentences."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from benchmarks.search.replay import Replay
from benchmarks.search.table import Row
from effexplorer.find.explorer import Explorer, Forecast
from effexplorer.find.goal import Goal
from effexplorer.find.state import Point
from effexplorer.pipeline import Pipeline, parse_steps


@dataclass(frozen=True)
class Checked:
    """What was predicted of a pipeline, and what it then scored."""

    forecast: Forecast
    score: float


def ours(replay: Replay) -> None:
    """Measure what is expected to gain most hypervolume per sentence."""
    guided(replay, [])


def guided(replay: Replay, checked: list[Checked]) -> None:
    """Search as ``ours`` does, and append what was predicted of each choice to ``checked``."""
    first = replay.seen[()].row
    base = Pipeline(first.model, first.task, (), 0, first.train_examples, first.epochs)
    place = {parse_steps(" > ".join(steps)): steps for steps in replay.space}
    names = {
        dataclasses.replace(base, steps=candidate): steps for candidate, steps in place.items()
    }
    explorer = Explorer(base, list(place), Goal(), [base.train_examples])
    while True:
        explored = {
            pipeline: _point(replay.seen[steps].row)
            for pipeline, steps in names.items()
            if steps in replay.seen
        }
        choice = explorer.choose(
            base.train_examples,
            explored,
            price=lambda pipeline: replay.sentences(names[pipeline]),
            cached=explored.__contains__,
            budget=math.inf,
        )
        if choice is None:
            return
        row = replay.measure(names[choice.pipeline]).row
        if choice.forecast is not None:
            checked.append(Checked(choice.forecast, row.score))


def _point(row: Row) -> Point:
    costs = {"bytes": row.bytes, "parameters": row.parameters, "macs": row.macs}
    return Point(row.score, row.score_low, row.score_high, costs | {"latency": row.latency_ms})
