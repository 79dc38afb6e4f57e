"""The replay: a search asks for pipelines of the table and pays for the stages it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from benchmarks.search.table import Row
from effexplorer.analysis.pareto import hypervolume
from effexplorer.pipeline import parse_steps

Typed = tuple[str, ...]  # steps as they are typed, ("distill(layers=3)", "prune")


class Spent(Exception):
    """The budget of a replay is spent."""


@dataclass(frozen=True)
class Seen:
    """What a search is shown of a pipeline: one run's row."""

    steps: Typed
    row: Row

    @property
    def point(self) -> tuple[float, float]:
        """Return bytes and score."""
        return float(self.row.bytes), self.row.score


class Replay:
    """A space of recorded pipelines with a stage cache that begins with the dense model.

    ``space`` are the steps of all pipelines, each beginning of which is there too. A search calls
    ``measure``; ``trace`` then holds, for every stage, the training sentences spent so far and the
    share of the whole space's hypervolume that the measured pipelines have. A search is shown one
    of the recorded seeds of each pipeline, drawn by ``seed``; it is judged by the mean of all.
    """

    def __init__(self, rows: Sequence[Row], seed: int, budget: int) -> None:
        by_steps: dict[Typed, list[Row]] = {}
        for row in rows:
            by_steps.setdefault(typed(row.steps), []).append(row)
        self.space = sorted(by_steps, key=lambda steps: (len(steps), steps))
        self.random = np.random.default_rng(seed)
        self._shown = {steps: self.random.choice(len(by_steps[steps])) for steps in self.space}
        self._rows = by_steps
        self._truth = {
            steps: (fmean(row.bytes for row in rows), fmean(row.score for row in rows))
            for steps, rows in by_steps.items()
        }
        dearest = max(cost for cost, _ in self._truth.values())
        self._reference = (dearest, min(score for _, score in self._truth.values()))
        self._whole = hypervolume(list(self._truth.values()), self._reference)
        self._budget = budget
        self.spent = 0
        self.seen: dict[Typed, Seen] = {}
        self.trace: list[tuple[int, float]] = []
        self._see(())

    def sentences(self, steps: Typed) -> int:
        """Return the training sentences of the last stage of ``steps``."""
        return self._rows[steps][0].sentences

    def price(self, steps: Typed) -> int:
        """Return the training sentences of the stages of ``steps`` that are not in the cache."""
        return sum(
            self.sentences(beginning)
            for beginning in beginnings(steps)
            if beginning not in self.seen
        )

    def measure(self, steps: Typed) -> Seen:
        """Train what is missing of ``steps`` and return what the whole of it measured.

        Every stage on the way is measured and lies in ``seen``. Raises Spent when the budget does
        not reach to the end; what it reached is seen all the same.
        """
        for beginning in beginnings(steps):
            if beginning in self.seen:
                continue
            price = self.sentences(beginning)
            if self.spent + price > self._budget:
                raise Spent
            self.spent += price
            self._see(beginning)
            self.trace.append((self.spent, self.share))
        return self.seen[steps]

    @property
    def share(self) -> float:
        """Return the hypervolume of what was measured as a share of the whole space's."""
        points = [self._truth[steps] for steps in self.seen]
        return hypervolume(points, self._reference) / self._whole

    def _see(self, steps: Typed) -> None:
        self.seen[steps] = Seen(steps, self._rows[steps][self._shown[steps]])


def typed(steps: str) -> Typed:
    """Return steps one by one, as they are typed."""
    return tuple(str(step) for step in parse_steps(steps))


def beginnings(steps: Typed) -> list[Typed]:
    """Return the beginnings of ``steps``, shortest first, the dense model's among them."""
    return [steps[:length] for length in range(len(steps) + 1)]
