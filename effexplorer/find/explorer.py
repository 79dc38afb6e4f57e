"""The explorer: which pipeline to measure next, by expected hypervolume per second."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.pareto import hypervolume
from effexplorer.find.acquisition import chance, expected_gain
from effexplorer.find.costs import expected_costs, shares
from effexplorer.find.features import features, with_rows
from effexplorer.find.goal import Goal
from effexplorer.find.space import Steps
from effexplorer.find.state import Point
from effexplorer.find.surrogate import Prediction, predict_costs, predict_scores
from effexplorer.pipeline import Pipeline

Price = Callable[[Pipeline], float]
_COST_SPREAD = ((-1.0, 0.25), (0.0, 0.5), (1.0, 0.25))  # deviations of a cost, and their weights
_NOTHING = 1e-6  # a gain of less than this share of the hypervolume is not worth a trial


@dataclass(frozen=True)
class Forecast:
    """What is predicted of a pipeline: its score in percent, how sure, and its costs by axis.

    ``noise`` is the deviation of one run from the pipeline's true score.
    """

    score: float
    deviation: float
    noise: float
    costs: Mapping[str, float]


@dataclass(frozen=True)
class Choice:
    """A pipeline to measure, its price in seconds, what is predicted of it, and why it is next.

    ``better`` is the chance that it scores more than anything known that is as cheap; None for the
    dense model, of which nothing is predicted.
    """

    pipeline: Pipeline
    price: float
    forecast: Forecast | None = None
    better: float | None = None


class Explorer:
    """Chooses among the ``space`` of steps; ``base`` is the pipeline without steps.

    ``rungs`` are the training rows of a search, few first, or one entry alone; None for all. What
    is measured on few rows helps to predict what more rows give.
    """

    def __init__(
        self, base: Pipeline, space: Sequence[Steps], goal: Goal, rungs: Sequence[int | None]
    ) -> None:
        self.goal = goal
        self.rungs = tuple(rungs)
        self._place = {steps: at for at, steps in enumerate(space)}
        self._parent = [self._place[steps[:-1]] if steps else -1 for steps in space]
        self._pipelines = {
            rung: [dataclasses.replace(base, steps=steps, train_examples=rung) for steps in space]
            for rung in self.rungs
        }
        self._matrix, self._kinds = features(space)
        model = shares(base)
        costs = [expected_costs(steps, base.outline, model) for steps in space]
        self._expected = {axis: np.array([cost[axis] for cost in costs]) for axis in goal.axes}
        self._score_matrix, self._score_kinds = self._matrix, self._kinds
        if len(self.rungs) > 1:
            self._score_matrix, self._score_kinds = with_rows(self._matrix, self._kinds)

    def choose(
        self,
        rung: int | None,
        explored: Mapping[Pipeline, Point],
        *,
        price: Price,
        cached: Callable[[Pipeline], bool],
        budget: float,
        skip: frozenset[Pipeline] = frozenset(),
        running: Sequence[Pipeline] = (),
    ) -> Choice | None:
        """Return what to measure next on ``rung`` for at most ``budget`` seconds, or None.

        ``price`` is that of a pipeline's last stage, ``cached`` tells which need no training.
        What is ``running``, stages in progress, is held to come out as predicted; what is in
        ``skip`` is left out, and so is what begins with either. None when nothing
        fits the budget, or nothing is expected to gain.
        """
        pipelines = self._pipelines[rung]
        known = {pipeline: explored[pipeline] for pipeline in pipelines if pipeline in explored}
        dense = pipelines[0]
        if dense not in known:
            if dense in running or dense in skip:
                return None
            return Choice(dense, 0.0 if cached(dense) else price(dense))
        forecasts = self.forecasts(rung, explored)
        points = [(point.costs[self.goal.axis], point.score) for point in known.values()]
        allowed = [pipeline for pipeline, point in known.items() if self._within(point)]
        of_rung = [pipeline for pipeline in running if pipeline.train_examples == rung]
        fantasies = [self._place[pipeline.steps] for pipeline in of_rung]
        means = forecasts.scores.mean
        front = [
            (known[pipeline].costs[self.goal.axis], means[self._place[pipeline.steps]])
            for pipeline in allowed
        ]
        costs = np.exp(forecasts.costs[self.goal.axis].mean)
        front += [(costs[at], forecasts.scores.mean[at]) for at in fantasies]
        reference = self._reference(known[dense], points, forecasts.scores)
        gains = self._gains(forecasts, front, reference)
        total = np.zeros(len(pipelines))
        prices = np.zeros(len(pipelines))
        taken = set(running) | skip
        for at, pipeline in enumerate(pipelines):
            parent = self._parent[at]
            before = parent >= 0
            total[at] = gains[at] * (pipeline not in known) + (total[parent] if before else 0.0)
            if not cached(pipeline):
                prices[at] = price(pipeline) + (prices[parent] if before else 0.0)
            if pipeline in taken:
                total[at] = -np.inf  # so is all that begins with it
        fits = np.array([pipeline not in known for pipeline in pipelines])
        fits &= (prices <= budget) & (total > _NOTHING * hypervolume(front, reference))
        if not fits.any():
            return None
        rates = np.where(fits, total / np.maximum(prices, 1e-3), -np.inf)
        best = int(np.argmax(rates))
        forecast = forecasts.of(best)
        cheaper = [score for cost, score in front if cost <= 1.001 * costs[best]]
        level = max(cheaper, default=reference[1])
        better = float(chance(np.array((forecast.score - level) / forecast.deviation)))
        return Choice(pipelines[best], float(prices[best]), forecast, better)

    def forecasts(self, rung: int | None, explored: Mapping[Pipeline, Point]) -> Forecasts:
        """Return what is predicted of the whole space on ``rung``; its dense model is explored."""
        size = len(self._parent)
        rows, places, points = [], [], []
        for level, fewer in enumerate(self.rungs):
            for at, pipeline in enumerate(self._pipelines[fewer]):
                if pipeline in explored:
                    rows.append(at + level * size if len(self.rungs) > 1 else at)
                    places.append(at)
                    points.append(explored[pipeline])
        scores = predict_scores(
            self._score_matrix,
            self._score_kinds,
            rows,
            [point.score for point in points],
            points[0].error,
        )
        start = self.rungs.index(rung) * size
        own = slice(start, start + size)
        costs = {
            axis: predict_costs(
                self._matrix,
                self._kinds,
                places,
                [point.costs[axis] for point in points],
                self._expected[axis],
                axis,
            )
            for axis in self.goal.axes
        }
        return Forecasts(Prediction(scores.mean[own], scores.deviation[own], scores.noise), costs)

    def place(self, steps: Steps) -> int:
        """Return the index of ``steps`` in the space."""
        return self._place[steps]

    def _within(self, point: Point) -> bool:
        return all(point.costs[axis] <= limit for axis, limit in self.goal.costs.items())

    def _reference(
        self, dense: Point, points: Sequence[tuple[float, float]], scores: Prediction
    ) -> tuple[float, float]:
        """Return the highest cost and the lowest score that count."""
        axis = self.goal.axis
        dearest = self.goal.costs.get(axis, max(cost for cost, _ in points))
        lowest = self.goal.lowest_score(dense.score)
        if lowest is None:
            lowest = min(*(score for _, score in points), scores.mean.min()) - dense.error / 2
        return dearest * 1.0001, lowest

    def _gains(
        self,
        forecasts: Forecasts,
        front: Sequence[tuple[float, float]],
        reference: tuple[float, float],
    ) -> np.ndarray:
        costs = forecasts.costs[self.goal.axis]
        gains = np.zeros(len(self._parent))
        for spread, weight in _COST_SPREAD:
            at = np.exp(costs.mean + spread * costs.deviation)
            gains += weight * expected_gain(
                forecasts.scores.mean, forecasts.scores.deviation, at, front, reference
            )
        for axis, limit in self.goal.costs.items():
            if axis != self.goal.axis:
                other = forecasts.costs[axis]
                spread = np.maximum(other.deviation, 1e-6)
                gains *= chance((np.log(limit) - other.mean) / spread)
        return gains


@dataclass(frozen=True)
class Forecasts:
    """The predictions of a whole space: scores, and the logarithms of costs by axis."""

    scores: Prediction
    costs: Mapping[str, Prediction]

    def of(self, at: int) -> Forecast:
        """Return what is predicted of the pipeline at this index of the space."""
        costs = {axis: float(np.exp(cost.mean[at])) for axis, cost in self.costs.items()}
        scores = self.scores
        return Forecast(float(scores.mean[at]), float(scores.deviation[at]), scores.noise, costs)
