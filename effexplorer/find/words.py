"""What a search says of itself: sentences for the command line and the app."""

from __future__ import annotations

from typing import Any

from effexplorer import units
from effexplorer.find.explorer import Choice
from effexplorer.find.goal import Goal
from effexplorer.find.plan import Plan
from effexplorer.find.request import CONFIRM_SEEDS, Request
from effexplorer.find.state import Point
from effexplorer.pipeline import Pipeline

SPEED = "The dense model on few rows, since nothing here tells yet how fast this machine trains it."
_HOLDS = 0.5  # Kendall's tau from which rankings on few rows are said to hold


def plan_sentence(request: Request, plan: Plan, rows: int, pipelines: int) -> str:
    """Return what the budget buys."""
    where = [
        f"{units.many(stages, 'stage')} on {'all ' * (rung is None)}{rung or rows:,} rows"
        for rung, stages in zip(plan.rungs, plan.stages, strict=False)
    ]
    return (
        f"Wanted: {request.goal}. {units.duration(request.budget)} buy about "
        f"{', then '.join(where)} of {pipelines:,} pipelines, scored on held-out rows; "
        f"{units.duration(plan.confirming)} of them are kept to confirm the answer with "
        f"{len(CONFIRM_SEEDS)} seeds on the validation split."
    )


def why_sentence(choice: Choice, goal: Goal) -> str:
    """Return why a pipeline is measured next."""
    name = str(choice.pipeline)
    if choice.forecast is None or choice.better is None:
        return "The dense model: every pipeline begins with it and is compared with it."
    forecast = choice.forecast
    spread = 2 * (forecast.deviation**2 + forecast.noise**2) ** 0.5
    cost = units.cost(goal.axis, forecast.costs[goal.axis])
    return (
        f"{name}: predicted {forecast.score:.1f} ± {spread:.1f} % at {cost}, which beats all that "
        f"is as cheap with a chance of {100 * choice.better:.0f} %; about "
        f"{units.duration(choice.price)} of work."
    )


def confirm_sentence(pipeline: Pipeline) -> str:
    """Return which run is made on validation."""
    return (
        f"{_name(pipeline)}: confirmed on all rows and the validation split, seed {pipeline.seed}."
    )


def finding_sentence(pipeline: Pipeline, point: Point, goal: Goal, explored: bool) -> str:
    """Return what was measured of a pipeline that joined the front, or was confirmed."""
    costs = ", ".join(units.cost(axis, point.costs[axis]) for axis in goal.axes)
    rows = "explored" if explored else f"confirmed, seed {pipeline.seed}"
    return f"{_name(pipeline)}: {units.percent(point.score)}, {costs} ({rows})."


def failure_sentence(pipeline: Pipeline, reason: str) -> str:
    """Return what failed and why."""
    return f"{_name(pipeline)} failed: {reason}"


def ranking_sentence(tau: float, pairs: int) -> str:
    """Return whether few rows rank pipelines as all rows do."""
    holds = "holds" if tau >= _HOLDS else "does not hold"
    return (
        f"The ranking on few rows {holds} on all of them: Kendall's tau is {tau:.2f} over "
        f"{pairs} pipelines that were measured on both."
    )


def answer_sentence(ending: dict[str, Any], request: Request) -> str:
    """Return the answer of a search in words, what came close included."""
    goal, best = request.goal, ending["best"]
    close = "; ".join(
        f"{candidate['steps'] or 'dense'} ({units.percent(candidate['score'])}, "
        f"{units.cost(goal.axis, candidate['costs'][goal.axis])})"
        for candidate in ending["close"]
    )
    near = f" Close, as explored: {close}." if close else ""
    if best is None:
        return f"No answer: nothing could be confirmed.{near}"
    opening = "Found" if ending["keeps"] else "Nothing keeps to the limits; the nearest is"
    costs = ", ".join(units.cost(axis, best["costs"][axis]) for axis in goal.axes)
    return (
        f"{opening}: {best['steps'] or 'the dense model'}: {units.percent(best['score'])} "
        f"(mean of {len(CONFIRM_SEEDS)} seeds, 95 % interval {best['low']:.1f} to "
        f"{best['high']:.1f}), {costs}; the dense model has {units.percent(best['dense'])}.{near}"
    )


def _name(pipeline: Pipeline) -> str:
    return str(pipeline) or "dense"
