"""Progress: what a run's events say about how far it is, as a pure function of the events."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.records.events import RunEvent

_SHORTEST = 2.0  # seconds of training before a rate means anything
Change = dict[str, Any]  # of fields of the progress


@dataclass(frozen=True)
class Progress:
    """A run so far.

    ``plan`` holds each stage's step and the training rows it will go through, ``index`` the
    present stage (-1 before the first), ``done`` the sentences of that stage that are behind it,
    ``detail`` what is trained at present, where a stage has several trainings.
    ``measured`` holds the stages measured so far as ``record.Stage`` fields. ``losses`` are points
    ``(stage, sentences since the start of the run, loss)``, at most ``limits.MAX_LOSS_POINTS``.
    ``started`` and ``latest`` are the Unix times of the first and newest event. ``outcome`` is the
    final event's kind, or empty; ``failure`` the sentence that says why the run failed.
    """

    plan: tuple[tuple[str, int], ...] = ()
    index: int = -1
    done: int = 0
    detail: str = ""
    measured: tuple[dict[str, Any], ...] = ()
    losses: tuple[tuple[int, int, float], ...] = ()
    notes: tuple[str, ...] = ()
    outcome: str = ""
    failure: str = ""
    started: float | None = None
    latest: float | None = None
    training_since: float | None = None
    trained: int = 0

    @classmethod
    def from_events(cls, events: Iterable[RunEvent]) -> Progress:
        """Return the summary of a run's events, oldest first; unknown kinds are passed over."""
        return cls().after(events)

    def after(self, events: Iterable[RunEvent]) -> Progress:
        """Return the summary that follows when ``events`` have happened since."""
        return functools.reduce(_after, events, self)

    @property
    def sentences(self) -> int:
        """Return the training rows of all stages of the plan."""
        return sum(sentences for _, sentences in self.plan)

    @property
    def fraction(self) -> float:
        """Return the share of the planned training that is behind, 0 to 1."""
        if self.outcome == "done":
            return 1.0
        if not self.sentences:
            return len(self.measured) / len(self.plan) if self.plan else 0.0
        return min(1.0, self._behind / self.sentences)

    @property
    def step(self) -> str:
        """Return the present step, ``"prune(sparsity=0.8)"``, or ``""`` before the first stage."""
        return self.plan[self.index][0] if 0 <= self.index < len(self.plan) else ""

    @property
    def text(self) -> str:
        """Return where the run is, ``"Stage 2 of 4: prune(sparsity=0.8)"``, or ``""``."""
        if not self.step:
            return ""
        detail = f", {self.detail}" if self.detail else ""
        return f"Stage {self.index + 1} of {len(self.plan)}: {self.step}{detail}"

    @property
    def elapsed(self) -> float:
        """Return the seconds between the first and the newest event."""
        if self.started is None or self.latest is None:
            return 0.0
        return self.latest - self.started

    @property
    def eta_seconds(self) -> float | None:
        """Return the seconds left at this run's own rate; None until the rate is known.

        The rate counts the measuring between stages, but no stage that was found in the cache.
        """
        if self.outcome:
            return 0.0
        if self.training_since is None or self.latest is None or not self.trained:
            return None
        seconds = self.latest - self.training_since
        if seconds < _SHORTEST:
            return None
        return max(0, self.sentences - self._behind) * seconds / self.trained

    @property
    def _behind(self) -> int:
        finished = min(len(self.measured), len(self.plan))
        planned = sum(sentences for _, sentences in self.plan[:finished])
        return planned + (self.done if self.index >= finished else 0)


def _after(before: Progress, event: RunEvent) -> Progress:
    time = event.get("time")
    if time is not None:
        started = time if before.started is None else before.started
        before = dataclasses.replace(before, started=started, latest=time)
    change = _CHANGES.get(event["kind"])
    return dataclasses.replace(before, **change(before, event)) if change else before


def _planned(_: Progress, event: RunEvent) -> Change:
    return {"plan": tuple((stage["step"], stage["sentences"]) for stage in event["stages"])}


def _entered(before: Progress, event: RunEvent) -> Change:
    since = before.latest if before.training_since is None else before.training_since
    return {"index": event["index"], "done": 0, "detail": "", "training_since": since}


def _progressed(before: Progress, event: RunEvent) -> Change:
    planned = (
        before.plan[event["index"]][1] if event["index"] < len(before.plan) else event["total"]
    )
    done = round(planned * event["done"] / event["total"]) if event["total"] else 0
    known = before.done if before.index == event["index"] else 0
    change = {
        "index": event["index"],
        "done": done,
        "detail": event.get("detail", ""),
        "trained": before.trained + done - known,
    }
    loss = event.get("loss")
    if loss is not None and math.isfinite(loss):
        start = sum(sentences for _, sentences in before.plan[: event["index"]])
        change["losses"] = _bounded((*before.losses, (event["index"], start + done, loss)))
    return change


def _measured(before: Progress, event: RunEvent) -> Change:
    change = {"measured": (*before.measured, event["stage"]), "done": 0, "index": event["index"]}
    if event["stage"]["reused"] and not before.trained:
        change["training_since"] = None
    return change


def _bounded(points: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the points, every second one left out when there are too many; the newest stays."""
    return points if len(points) <= limits.MAX_LOSS_POINTS else points[(len(points) - 1) % 2 :: 2]


_CHANGES: dict[str, Callable[[Progress, RunEvent], Change]] = {
    "plan": _planned,
    "stage": _entered,
    "progress": _progressed,
    "measured": _measured,
    "note": lambda before, event: {"notes": (*before.notes, event["text"])[-limits.MAX_NOTES :]},
    "done": lambda _, event: {"outcome": "done"},
    "failed": lambda _, event: {"outcome": "failed", "failure": event["text"]},
    "cancelled": lambda _, event: {"outcome": "cancelled"},
}
