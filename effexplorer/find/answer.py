"""The answer: which explored pipelines are confirmed on validation, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from effexplorer.analysis.statistics import paired_interval
from effexplorer.find.explorer import Explorer
from effexplorer.find.request import CONFIRM_SEEDS, Request
from effexplorer.find.state import Point, State
from effexplorer.pipeline import Pipeline

_CLOSE = 3  # pipelines that are named beside the answer


@dataclass(frozen=True)
class Confirmed:
    """What a pipeline's seeds came to: mean score with its 95 % interval, mean costs, and dense."""

    pipeline: Pipeline
    score: float
    low: float
    high: float
    costs: Mapping[str, float]
    dense: float


def shortlist(request: Request, explorer: Explorer, state: State) -> list[Pipeline]:
    """Return the explored pipelines in the order in which they are worth confirming.

    They are those of the most rows on which the dense model was explored. Scores are what the
    surrogate holds them to be, of the single run and all that is known beside it. Those that keep
    to the goal come first; then those within the cost limits, the best score first.
    """
    goal = request.goal
    for rung in reversed(explorer.rungs):
        dense = dataclasses.replace(request.pipeline, train_examples=rung)
        if dense in state.explored:
            break
    else:
        return []
    scores = explorer.forecasts(rung, state.explored).scores.mean
    held = {
        pipeline: float(scores[explorer.place(pipeline.steps)])
        for pipeline in state.explored
        if pipeline.train_examples == rung
    }

    def rank(pipeline: Pipeline) -> tuple[int, float, float]:
        costs, score = state.explored[pipeline].costs, held[pipeline]
        if goal.keeps(costs, score, held[dense]):
            return 0, *goal.rank(costs, score)
        within = all(costs[axis] <= limit for axis, limit in goal.costs.items())
        return (1, -score, costs[goal.axis]) if within else (2, costs[goal.axis], -score)

    return sorted(held, key=rank)


def to_confirm(
    request: Request,
    listed: Sequence[Pipeline],
    state: State,
    *,
    seconds: Callable[[Pipeline], float],
    left: float,
) -> list[Pipeline]:
    """Return the runs on validation that are missing for the next pipeline to confirm.

    The first of ``listed`` is confirmed whatever is ``left``, the next ones until one keeps to the
    goal, if their ``seconds`` fit. Empty when there is nothing more to confirm.
    """
    for at, pipeline in enumerate(listed):
        runs = runs_of(request, pipeline)
        if any(run in state.failed for run in runs):
            continue
        point = confirmed(runs, state.confirmed)
        if point and request.goal.keeps(point.costs, point.score, point.dense):
            return []
        if point is None:
            missing = [run for run in runs if run not in state.confirmed]
            return missing if at == 0 or sum(map(seconds, missing)) <= left else []
    return []


def runs_of(request: Request, pipeline: Pipeline) -> list[Pipeline]:
    """Return the runs that confirm ``pipeline``: on all rows, with each seed, its own first."""
    every = request.pipeline.train_examples
    return [
        dataclasses.replace(pipeline, seed=request.pipeline.seed + seed, train_examples=every)
        for seed in CONFIRM_SEEDS
    ]


def confirmed(runs: Sequence[Pipeline], points: Mapping[Pipeline, Point]) -> Confirmed | None:
    """Return what the ``runs`` of one pipeline with its seeds came to, or None if one lacks."""
    if not all(run in points for run in runs):
        return None
    seeds = [points[run] for run in runs]
    score, low, high = paired_interval([point.score for point in seeds])
    costs = {
        axis: sum(point.costs[axis] for point in seeds) / len(seeds) for axis in seeds[0].costs
    }
    dense = sum(points[run.prefix(0)].score for run in runs) / len(runs)
    return Confirmed(runs[0], score, low, high, costs, dense)


def answer(request: Request, explorer: Explorer, state: State) -> dict[str, Any]:
    """Return the fields of the event that ends a search.

    ``best`` is None when nothing was confirmed; ``keeps`` tells whether it keeps to the goal.
    """
    listed = shortlist(request, explorer, state)
    every = [confirmed(runs_of(request, pipeline), state.confirmed) for pipeline in listed]
    candidates = [candidate for candidate in every if candidate is not None]
    goal = request.goal
    kept = [
        candidate
        for candidate in candidates
        if goal.keeps(candidate.costs, candidate.score, candidate.dense)
    ]
    best = (
        min(kept, key=lambda candidate: goal.rank(candidate.costs, candidate.score))
        if kept
        else None
    )
    best = best or (candidates[0] if candidates else None)
    close = [
        candidate for candidate in listed if best is None or candidate.steps != best.pipeline.steps
    ][:_CLOSE]
    return {
        "best": None
        if best is None
        else dataclasses.asdict(best)
        | {"pipeline": best.pipeline.to_dict(), "steps": str(best.pipeline)},
        "keeps": bool(kept),
        "close": [
            {
                "steps": str(pipeline),
                "score": state.explored[pipeline].score,
                "costs": dict(state.explored[pipeline].costs),
            }
            for pipeline in close
        ],
    }


def ranking(rungs: Sequence[int | None], state: State) -> tuple[float, int] | None:
    """Return Kendall's tau between few rows and all, and of how many pipelines; None below four."""
    if len(rungs) < 2:
        return None
    few, every = rungs
    pairs = [
        (point.score, state.explored[whole].score)
        for pipeline, point in state.explored.items()
        if pipeline.train_examples == few
        and (whole := dataclasses.replace(pipeline, train_examples=every)) in state.explored
    ]
    if len(pairs) < 4:
        return None
    from scipy.stats import kendalltau

    few_scores, all_scores = zip(*pairs, strict=True)
    return float(kendalltau(few_scores, all_scores).statistic), len(pairs)
