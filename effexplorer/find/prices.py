"""Prices: the seconds that a stage will take, from the speed of those that were measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from statistics import fmean

from effexplorer.pipeline import Pipeline
from effexplorer.records.store import HERE, Run
from effexplorer.runner.estimate import rates, work

FIRST_OVERHEAD = 5.0  # seconds to load, save and measure a stage, until some were measured
_RUNS = 30  # newest runs of the same model and task that tell how fast operators are


class Prices:
    """The seconds of the last stage of a pipeline on one worker.

    ``runs`` give first speeds; ``learn`` replaces them with those of this search. ``rows`` are the
    training rows of a pipeline that takes all. ``known`` tells whether anything was measured.
    """

    def __init__(self, pipeline: Pipeline, runs: Iterable[Run], rows: int) -> None:
        self._rows = rows
        like = [
            run
            for run in sorted(runs, key=lambda run: (run.source == HERE, run.record.created))
            if (run.record.model, run.record.task) == (pipeline.model, pipeline.task)
        ][-_RUNS:]
        self._speeds: dict[str, float] = {}  # seconds by sentence and layer
        for paces in map(rates, like):
            self._speeds |= paces
        self._efforts: dict[Pipeline, tuple[str, float]] = {}
        self.overhead = FIRST_OVERHEAD

    @property
    def known(self) -> bool:
        """Tell whether the dense model's speed is known."""
        return "dense" in self._speeds

    def learn(self, trained: Mapping[Pipeline, float], overheads: Iterable[float]) -> None:
        """Take the speeds of stages that this search trained, and what measuring them took."""
        prices: dict[str, list[float]] = {}
        for pipeline, seconds in trained.items():
            name, effort = self._effort(pipeline)
            if effort and seconds > 0:
                prices.setdefault(name, []).append(seconds / effort)
        if "dense" in prices and "dense" in self._speeds:  # other operators keep their ratio to it
            change = fmean(prices["dense"]) / self._speeds["dense"]
            self._speeds = {name: speed * change for name, speed in self._speeds.items()}
        self._speeds |= {name: fmean(speeds) for name, speeds in prices.items()}
        self.overhead = fmean(overheads) if (overheads := list(overheads)) else self.overhead

    def stage(self, pipeline: Pipeline) -> float:
        """Return the seconds of the last stage; with no speed known, as if nothing trained."""
        name, effort = self._effort(pipeline)
        speed = self._speeds.get(name, self._speeds.get("dense", 0.0))
        return effort * speed + self.overhead

    def _effort(self, pipeline: Pipeline) -> tuple[str, float]:
        if pipeline not in self._efforts:
            rows = pipeline.train_examples or self._rows
            stages = work(dataclasses.replace(pipeline, train_examples=rows)) or []
            name, _, effort = stages[-1]
            self._efforts[pipeline] = (name, effort)
        return self._efforts[pipeline]
