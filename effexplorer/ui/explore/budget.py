"""The budget question above the plane, answered from the runs that pass its filters."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from effexplorer import units
from effexplorer.analysis.budget import best_under, cheapest_above
from effexplorer.figures import mark
from effexplorer.figures.points import timed_at, usual_place
from effexplorer.records.store import HERE, Run
from effexplorer.ui.explore.messages import BudgetQuestion
from effexplorer.ui.explore.view import COUNTED, QUESTIONS, View

_MB = 1e6
_BUDGET = 20.0  # megabytes: a quarter of MiniLM
_LOSS = 1.0  # points below the best score that is there
_WORDS = {"macs": "MACs", "latency": "latency"}


def asked(view: View, runs: Sequence[Run]) -> BudgetQuestion:
    """Return the question of ``view`` with its answer among ``runs``, as plain JSON values."""
    bound = _usual(view, runs) if view.bound is None else view.bound
    run = _answer(view, bound, runs)
    return {
        "questions": [list(item) for item in QUESTIONS.items()],
        "counts": [[name, _WORDS[name]] for name in COUNTED],
        "question": view.question,
        "counted": view.counted,
        "bound": f"{bound:g}",
        "unit": "MB" if view.question == "best" else "%",
        "sentence": _sentence(view, bound, run),
        "id": run.record.id if run else "",
        "letters": run.record.letters if run else "",
        "mark": dataclasses.asdict(mark(run.record.letters, open=run.source == HERE))
        if run
        else None,
    }


def _usual(view: View, runs: Sequence[Run]) -> float:
    """Return a bound that is worth asking: whole megabytes, or a whole percent below the best."""
    lasts = [run.record.final for run in runs]
    if view.question == "best":
        smallest = min((last.bytes for last in lasts), default=0) / _MB
        return max(_BUDGET, math.ceil(smallest))
    return math.floor(max((last.score for last in lasts), default=0.0) - _LOSS)


def _answer(view: View, bound: float, runs: Sequence[Run]) -> Run | None:
    if view.question == "best":
        return best_under(runs, "bytes", bound * _MB)
    if view.question == "cheapest" and view.counted == "latency":  # only what was timed alike
        place = usual_place(runs)
        runs = [run for run in runs if timed_at(run.record) == place]
    return cheapest_above(runs, "bytes" if view.question == "smallest" else view.counted, bound)


def _sentence(view: View, bound: float, run: Run | None) -> str:
    """Return the answer in a sentence with the run's name and numbers."""
    if run is None:
        asked_for = f"under {bound:g} MB" if view.question == "best" else f"above {bound:g} %"
        return f"No run that passes the filters is {asked_for}."
    counted = (view.counted,) if view.question == "cheapest" else ()
    return spoken(run, ("bytes", *counted))


def spoken(run: Run, costs: Sequence[str]) -> str:
    """Return a run as an answer: its name, score and ``costs``."""
    record, last = run.record, run.record.final
    spent = " and ".join(_spent(axis, last.cost(axis)) for axis in costs)
    depth = " at full depth" if last.exits else ""
    return (
        f"{record.letters} on {record.model}: {units.percent(last.score)}{depth} "
        f"(95 %: {last.score_low:.1f} to {last.score_high:.1f}) with {spent}, seed {record.seed}."
    )


def _spent(axis: str, value: float) -> str:
    shown = units.cost(axis, value)
    return f"{shown} MACs" if axis == "macs" else shown
