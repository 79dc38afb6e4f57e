"""The Find panel: what it starts with, what limits mean on the plane, and what a budget buys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effexplorer import runner
from effexplorer.errors import UserError, shown
from effexplorer.find import Goal, Request
from effexplorer.find.plan import make_plan
from effexplorer.find.prices import Prices
from effexplorer.find.search import training_rows
from effexplorer.find.space import LETTERS
from effexplorer.find.words import plan_sentence
from effexplorer.models.catalog import find_model
from effexplorer.models.source import available, locate
from effexplorer.operators import OPERATORS
from effexplorer.records.store import Run
from effexplorer.ui.build.builder import offered_models, read_pipeline
from effexplorer.ui.find.messages import FindState, Outlook
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.visibility import visible_tasks

_LIMITS = ("max_size", "max_macs", "max_latency", "min_score", "lose_at_most")
_AXES = {"bytes": "Size on disk", "macs": "MACs per sentence", "latency": "Latency"}


class FindPanel(Panel):
    """The search. Its script calls ``outlook(description)`` and tells what is pressed."""

    script = "find/find"
    parts = ("shared/form", "shared/axes", "find/plane")


def find_state() -> FindState:
    """Return what the panel offers: models, tasks, operators and cost axes."""
    named = {cls.letter: name for name, cls in OPERATORS.items()}
    return {
        "models": [[model.name, model.title] for model in offered_models()],
        "tasks": [[task.name, task.title] for task in visible_tasks().values()],
        "operators": [[letter, named[letter]] for letter in LETTERS],
        "axes": _AXES,
    }


def search_outlook(description: Any, runs: Sequence[Run]) -> Outlook:
    """Return what is known where a browser describes a search, and what its budget buys.

    ``points`` are finished runs of the same model and task, ``dense`` the newest dense one of them
    or None; ``problem`` says why the search cannot begin, or is empty; ``plan`` what it would do.
    """
    alike = _like(description, runs)
    try:
        request = read_search(description)
        problem = " ".join(runner.check(request.pipeline))
        plan = "" if problem else _plan(request, runs)
    except UserError as error:
        problem, plan = str(error), ""
    return {
        "points": [_point(run) for run in alike],
        "dense": _dense(alike, description),
        "problem": problem,
        "plan": plan,
    }


def read_search(description: Any) -> Request:
    """Return the search that a browser describes; raises UserError for anything else.

    A model must be one that is offered, as in the builder.
    """
    if not isinstance(description, dict):
        raise UserError(f"find: must be a search's description; got {shown(description)}.")
    names = ("model", "task", "train_examples")
    pipeline = read_pipeline({name: description.get(name) for name in names} | {"steps": []})
    limits = {name: _number(name, description.get(name)) for name in _LIMITS}
    goal = Goal(**limits, aim=str(description.get("aim") or ""))
    budget = _number("budget", description.get("budget"))
    return Request(pipeline, goal, budget or 0.0, str(description.get("operators", "")))


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UserError(f"find: {name.replace('_', '-')} must be a number; got {shown(value)}.")
    return float(value)


def _plan(request: Request, runs: Sequence[Run]) -> str:
    rows = training_rows(request.pipeline)
    prices = Prices(request.pipeline, runs, rows)
    if not prices.known:
        return "Nothing here tells yet how fast this model trains: that is measured first."
    space = request.space
    plan = make_plan(request, space, prices, rows, 1)
    return plan_sentence(request, plan, rows, len(space))


def _like(description: Any, runs: Sequence[Run]) -> list[Run]:
    plain = description if isinstance(description, dict) else {}
    wanted = (plain.get("model"), plain.get("task"))
    return [run for run in runs if (run.record.model, run.record.task) == wanted]


def _dense(runs: Sequence[Run], description: Any) -> dict[str, Any] | None:
    """Return the point of the newest dense model in ``runs``, which any run begins with.

    Without a run, the size of the weights is what is known of it, if they are here.
    """
    if runs:
        stage = runs[-1].record.stages[0]
        return {"score": stage.score, "costs": {axis: stage.cost(axis) for axis in _AXES}}
    try:
        names = ("model", "task")
        pipeline = read_pipeline({name: description.get(name) for name in names} | {"steps": []})
        spec = find_model(pipeline.model)
        if available(spec) is not None:
            return None
        size = sum(path.stat().st_size for path in locate(spec).folder.glob("*.safetensors"))
    except (UserError, OSError, AttributeError):
        return None
    return {"score": None, "costs": {"bytes": size}}


def _point(run: Run) -> dict[str, Any]:
    last = run.record.final
    costs = {axis: last.cost(axis) for axis in _AXES}
    return {"score": last.score, "costs": costs, "steps": run.record.steps}
