"""The state of a search, folded from its events: so that whoever reads them can go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from effexplorer.pipeline import Pipeline
from effexplorer.records.schema import COSTS

Event = dict[str, Any]
_FIELDS = {axis: "latency_ms" if axis == "latency" else axis for axis in COSTS}


@dataclass(frozen=True)
class Point:
    """What one stage scored, in percent with its 95 % interval, and cost, by ``record.COSTS``."""

    score: float
    low: float
    high: float
    costs: Mapping[str, float]

    @classmethod
    def of(cls, stage: Mapping[str, Any]) -> Point:
        """Return the point of a stage's fields as a run's event has them."""
        costs = {axis: float(stage[name]) for axis, name in _FIELDS.items()}
        return cls(stage["score"], stage["score_low"], stage["score_high"], costs)

    @property
    def error(self) -> float:
        """Return the standard error of the score over the rows that it was measured on."""
        return max((self.high - self.low) / 3.92, 0.05)


@dataclass
class State:
    """What is known: explored and confirmed stages by their pipelines, and the seconds spent.

    ``trained`` has the seconds of each stage's training, ``overheads`` what a stage took besides,
    ``failed`` the pipelines that could not be run, and ``rungs`` the training rows of the plan.
    """

    explored: dict[Pipeline, Point] = field(default_factory=dict)
    confirmed: dict[Pipeline, Point] = field(default_factory=dict)
    trained: dict[Pipeline, float] = field(default_factory=dict)
    failed: set[Pipeline] = field(default_factory=set)
    overheads: list[float] = field(default_factory=list)
    rungs: tuple[int | None, ...] = ()
    spent: float = 0.0
    trials: int = 0

    @classmethod
    def of(cls, events: Iterable[Event]) -> State:
        """Return the state after ``events``, oldest first; unknown kinds are passed over."""
        state = cls()
        for event in events:
            state.add(event)
        return state

    def add(self, event: Event) -> None:
        """Take in one event."""
        kind = event["kind"]
        self.spent = event.get("spent", self.spent)
        if kind == "chosen":
            self.trials = max(self.trials, event["trial"] + 1)
        elif kind == "measured":
            pipeline = Pipeline.from_dict(event["pipeline"])
            points = self.explored if event["explored"] else self.confirmed
            points[pipeline] = Point.of(event["stage"])
            if not event["stage"]["reused"]:
                self.trained[pipeline] = event["stage"]["seconds"]
        elif kind == "trial_failed":
            self.failed.add(Pipeline.from_dict(event["pipeline"]))
        elif kind == "finished" and event.get("overhead") is not None:
            self.overheads.append(event["overhead"])
        elif kind == "plan":
            self.rungs = tuple(event["rungs"])
