"""The driver of a search: explores, confirms and answers on a pool of workers, event by event."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from effexplorer.analysis.pareto import front
from effexplorer.errors import Cancelled
from effexplorer.find import words
from effexplorer.find.answer import answer, ranking, shortlist, to_confirm
from effexplorer.find.explorer import Explorer
from effexplorer.find.plan import FEW_ROWS_SHARE, Plan, first_rows, make_plan
from effexplorer.find.prices import Prices
from effexplorer.find.request import Request
from effexplorer.find.state import Event, State
from effexplorer.pipeline import Pipeline
from effexplorer.sweep.scheduler import FAILED, PROGRESS, Pool
from effexplorer.sweep.scheduler import Event as PoolEvent
from effexplorer.sweep.tree import Node

_LOOK_SECONDS = 0.25


@dataclass
class _Trial:
    """A run on its way: what it is, when it began, and what its new stages took so far."""

    pipeline: Pipeline
    explored: bool
    began: float
    trained: list[float] = field(default_factory=list)


class Driver:
    """Goes on with a search from ``state``; ``events`` yields what happens.

    ``rows`` are the training rows of a pipeline that takes all; ``cached`` tells which pipelines'
    last stages need no training; ``clock`` gives seconds; ``events`` raises Cancelled when
    ``cancelled()`` turned true. All that is to be kept is in the events.
    """

    def __init__(
        self,
        request: Request,
        state: State,
        pool: Pool,
        *,
        prices: Prices,
        rows: int,
        cached: Callable[[Pipeline], bool],
        workers: int = 1,
        clock: Callable[[], float] = time.monotonic,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._request, self._state, self._pool = request, state, pool
        self._prices, self._rows, self._workers = prices, rows, workers
        self._cached, self._clock, self._cancelled = cached, clock, cancelled
        self._running: dict[int, _Trial] = {}
        self._before, self._start = state.spent, clock()

    def events(self) -> Iterator[Event]:
        """Yield the search's events until its answer; those of kind progress need not be kept."""
        space = self._request.space
        self._learn()
        if not self._prices.known and not self._state.rungs:
            rows = first_rows(self._request, self._rows)
            yield from self._drive(partial(self._see_speed, rows))
        plan = make_plan(self._request, space, self._prices, self._rows, self._workers)
        if self._state.rungs:  # what was explored stays of use
            plan = dataclasses.replace(plan, rungs=self._state.rungs)
        explorer = Explorer(self._request.pipeline, space, self._request.goal, plan.rungs)
        text = words.plan_sentence(self._request, plan, self._rows, len(space))
        yield self._event("plan", rungs=list(plan.rungs), text=text)
        for rung in plan.rungs:
            yield from self._drive(partial(self._explore, explorer, plan, rung))
        measured = ranking(plan.rungs, self._state)
        if measured:
            tau, pairs = measured
            text = words.ranking_sentence(tau, pairs)
            yield self._event("ranking", tau=tau, pairs=pairs, text=text)
        listed = shortlist(self._request, explorer, self._state)
        yield from self._drive(partial(self._confirm, listed))
        ending = answer(self._request, explorer, self._state)
        yield self._event("answer", text=words.answer_sentence(ending, self._request), **ending)

    def _drive(self, choose: Callable[[], Event | None]) -> Iterator[Event]:
        """Begin what ``choose`` returns whenever there is room, until there is nothing more."""
        while True:
            while self._pool.free and (chosen := choose()):
                yield chosen
            if not self._running:
                return
            if self._cancelled():
                raise Cancelled
            for event in self._pool.events(_LOOK_SECONDS):
                yield from self._heard(event)

    def _see_speed(self, rows: int | None) -> Event | None:
        dense = dataclasses.replace(self._request.pipeline, train_examples=rows)
        known = dense in self._state.explored or dense in self._state.failed
        if known or self._running:
            return None
        return self._begin(dense, True, words.SPEED)

    def _explore(self, explorer: Explorer, plan: Plan, rung: int | None) -> Event | None:
        whole = self._request.budget - plan.confirming
        share = 1.0 if rung == plan.rungs[-1] else FEW_ROWS_SHARE
        choice = explorer.choose(
            rung,
            self._state.explored,
            price=self._prices.stage,
            cached=self._cached,
            budget=share * whole - self._spent,
            skip=frozenset(self._state.failed),
            running=self._in_progress(),
        )
        if choice is None:
            return None
        why = words.why_sentence(choice, self._request.goal)
        forecast = choice.forecast and dataclasses.asdict(choice.forecast)
        return self._begin(choice.pipeline, True, why, forecast=forecast)

    def _confirm(self, listed: list[Pipeline]) -> Event | None:
        missing = to_confirm(
            self._request,
            listed,
            self._state,
            seconds=self._seconds,
            left=self._request.budget - self._spent,
        )
        busy = {trial.pipeline for trial in self._running.values()}
        for pipeline in missing:
            if pipeline not in busy:
                return self._begin(pipeline, False, words.confirm_sentence(pipeline))
        return None

    def _seconds(self, pipeline: Pipeline) -> float:
        stages = [pipeline.prefix(length) for length in range(len(pipeline.steps) + 1)]
        return sum(self._prices.stage(stage) for stage in stages if not self._cached(stage))

    def _in_progress(self) -> list[Pipeline]:
        """Return the stages that are being made or will be by what runs."""
        return [
            stage
            for trial in self._running.values()
            for length in range(len(trial.pipeline.steps) + 1)
            if (stage := trial.pipeline.prefix(length)) not in self._state.explored
        ]

    def _begin(self, pipeline: Pipeline, explored: bool, why: str, **fields: Any) -> Event:
        trial = self._state.trials
        self._running[trial] = _Trial(pipeline, explored, self._clock())
        self._pool.begin(trial, Node(pipeline, None, wanted=True, explored=explored))
        plain = {"pipeline": pipeline.to_dict(), "steps": str(pipeline), "explored": explored}
        return self._event("chosen", trial=trial, text=why, **plain, **fields)

    def _heard(self, event: PoolEvent) -> Iterator[Event]:
        trial = self._running[event.index]
        plain: Event = {"trial": event.index, "explored": trial.explored}
        if event.kind == PROGRESS:
            if event.progress["kind"] == "plan":
                trial.began = self._clock()  # what the worker loaded before, it loads once
            if event.progress["kind"] == "measured":
                yield from self._measured(event.progress, trial, plain)
            else:
                yield self._event("progress", told=event.progress, **plain)
            return
        del self._running[event.index]
        plain["pipeline"] = trial.pipeline.to_dict()
        if event.kind == FAILED:
            text = words.failure_sentence(trial.pipeline, event.sentence)
            yield self._event("trial_failed", text=text, **plain)
            return
        took = self._clock() - trial.began
        new = len(trial.trained)
        overhead = max(0.0, took - sum(trial.trained)) / new if new else None
        yield self._event("finished", seconds=took, overhead=overhead, **plain)
        self._learn()

    def _measured(self, event: Event, trial: _Trial, plain: Event) -> Iterator[Event]:
        stage, pipeline = event["stage"], trial.pipeline.prefix(event["index"])
        points = self._state.explored if trial.explored else self._state.confirmed
        if pipeline in points:
            return
        if not stage["reused"]:
            trial.trained.append(stage["seconds"])
        plain = plain | {"pipeline": pipeline.to_dict(), "steps": str(pipeline), "stage": stage}
        yield self._event("measured", **plain)
        same = [point for point in points if point.train_examples == pipeline.train_examples]
        goal = self._request.goal
        plane = [(points[key].costs[goal.axis], points[key].score) for key in same]
        if not trial.explored or same.index(pipeline) in front(plane):
            text = words.finding_sentence(pipeline, points[pipeline], goal, trial.explored)
            yield self._event("finding", text=text, **plain)

    def _learn(self) -> None:
        self._prices.learn(self._state.trained, self._state.overheads)

    @property
    def _spent(self) -> float:
        """Return the seconds that the search took, those of earlier sessions included."""
        return self._before + self._clock() - self._start

    def _event(self, kind: str, **fields: Any) -> Event:
        event = {"kind": kind, "spent": self._spent, **fields}
        self._state.add(event)
        return event
