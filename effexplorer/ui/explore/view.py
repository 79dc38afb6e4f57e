"""What a person looks at on the plane: the filters, checked, and the runs that pass them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from effexplorer.analysis.training_sets import data_of, training_sets
from effexplorer.errors import UserError, shown
from effexplorer.operators import OPERATORS
from effexplorer.records.schema import COSTS
from effexplorer.records.store import Run

MATCHES = {"all": "using all of", "only": "using only"}
QUESTIONS = {
    "best": "Best score under",
    "smallest": "Smallest above",
    "cheapest": "Cheapest above",
}
SWITCHES = ("seeds", "log", "opening", "published")
COUNTED = ("macs", "latency")  # what cheap can mean
MAX_BOUND = 1e6  # megabytes or percent; more is a slip of the finger
RUN_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class View:
    """The filters of the plane. An empty ``model`` is every model; ``task`` is always one task.

    ``data`` is the fingerprint of the training set, always one of the task's: the largest unless
    another is chosen. ``seeds`` shows every seed as a point of its own instead of their mean.

    ``match`` tells how the chosen ``operators`` (letters) count: runs that use ``all`` of them and
    maybe more, or ``only`` some of them and no other. ``selected`` is the opened run, or empty;
    ``opening`` tells that it is opened just now. ``published`` shows what others published.
    ``question`` is one of ``QUESTIONS``, asked at ``bound``, in megabytes or percent (None: at one
    that fits the runs); ``counted`` is what the cheapest is counted by.
    """

    task: str = ""
    model: str = ""
    operators: tuple[str, ...] = ()
    match: str = "all"
    cost: str = "bytes"
    log: bool = False
    selected: str = ""
    published: bool = False
    question: str = "best"
    bound: float | None = None
    counted: str = "macs"
    opening: bool = False
    data: str = ""
    seeds: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return this view as plain JSON values."""
        return dataclasses.asdict(self) | {"operators": list(self.operators)}


def read_view(data: Any) -> View:
    """Return the view that a browser describes; raises UserError for anything else."""
    known = {field.name for field in dataclasses.fields(View)}
    if not isinstance(data, dict) or not set(data) <= known:
        raise UserError(f"view: must be the plane's filters; got {shown(data)}.")
    for name in ("task", "data", "model", "selected"):
        if not isinstance(data.get(name, ""), str):
            raise UserError(f"{name}: must be a name; got {shown(data[name])}.")
    letters = data.get("operators", [])
    known_letters = [cls.letter for cls in OPERATORS.values()]
    if not isinstance(letters, list) or any(letter not in known_letters for letter in letters):
        raise UserError(f"operators: must be of {', '.join(known_letters)}; got {shown(letters)}.")
    for name, allowed in _CHOICES.items():
        if name in data and (isinstance(data[name], (list, dict)) or data[name] not in allowed):
            listed = ", ".join(map(str, allowed))
            raise UserError(f"{name}: must be one of {listed}; got {shown(data[name])}.")
    switches = {name: bool(data.get(name, False)) for name in SWITCHES}
    bound = _read_bound(data.get("bound"))
    return View(**{**data, **switches, "operators": tuple(letters), "bound": bound})


_CHOICES = {
    "match": MATCHES,
    "cost": COSTS,
    **dict.fromkeys(SWITCHES, (True, False)),
    "question": QUESTIONS,
    "counted": COUNTED,
}


def _read_bound(data: Any) -> float | None:
    if data is None:
        return None
    number = isinstance(data, (int, float)) and not isinstance(data, bool)
    if not number or not math.isfinite(data) or abs(data) > MAX_BOUND:
        raise UserError(f"bound: must be a number up to {MAX_BOUND:,.0f}; got {shown(data)}.")
    return float(data)


def read_id(data: Any) -> str:
    """Return a run's id; raises UserError when it is none."""
    if not isinstance(data, str) or not RUN_ID.fullmatch(data):
        raise UserError(f"run: must be 12 hexadecimal digits; got {shown(data)}.")
    return data


def focused(view: View, runs: Sequence[Run]) -> View:
    """Return ``view`` with a task that has runs, its own or that of most pipelines, and its data.

    The data are the task's largest training set unless the view names another that has runs.

    Filters that would hide a run that is opened just now are opened too; filters that are set later
    may hide it, and it is not selected any more.
    """
    chosen = next((run for run in runs if run.record.id == view.selected), None)
    if chosen and chosen not in filtered(view, runs):
        if view.opening:
            task, data = chosen.record.task, data_of(chosen)
            return dataclasses.replace(
                view, task=task, data=data, model="", operators=(), match="all"
            )
        chosen = None
    pipelines = {
        (record.task, record.model, record.steps) for record in (run.record for run in runs)
    }
    counts = Counter(task for task, _, _ in pipelines)
    if runs and view.task not in counts:
        view = dataclasses.replace(view, task=max(counts, key=lambda task: (counts[task], task)))
    sets = [data.fingerprint for data in training_sets(of_task(view, runs))]
    if sets and view.data not in sets:
        same_rows = [
            data for data in sets if view.data and data.startswith(view.data)
        ]  # older links
        view = dataclasses.replace(view, data=[*same_rows, *sets][0])
    if view.model not in {run.record.model for run in runs if run.record.task == view.task}:
        view = dataclasses.replace(view, model="")
    return view if chosen else dataclasses.replace(view, selected="")


def of_task(view: View, runs: Sequence[Run]) -> list[Run]:
    """Return the runs of the view's task."""
    return [run for run in runs if run.record.task == view.task]


def filtered(view: View, runs: Sequence[Run]) -> list[Run]:
    """Return the runs that pass the filters."""
    return [run for run in runs if _passes(view, run)]


def _passes(view: View, run: Run) -> bool:
    used = {stage.letter for stage in run.record.stages[1:]}
    wanted = set(view.operators)
    fits = used <= wanted if view.match == "only" else wanted <= used
    same_data = run.record.task == view.task and view.data in ("", data_of(run))
    return same_data and view.model in ("", run.record.model) and fits
