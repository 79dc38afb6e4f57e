"""What the plane of a static site is drawn from: its runs, points and paths, before any filter.

The site's ``plane.js`` filters them in the browser, and shows what ``plane_state`` shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from effexplorer import limits
from effexplorer.figures import mark, plane
from effexplorer.figures.axes import escaped, scaled
from effexplorer.figures.marks import set_name
from effexplorer.figures.overlay import on_axis, published_traces
from effexplorer.figures.points import Point, points, timed_at
from effexplorer.figures.traces import (
    CROWD,
    FEW,
    hover,
    leaving_early,
    leaving_traces,
    path_traces,
)
from effexplorer.published import published
from effexplorer.records.export import to_csv
from effexplorer.records.schema import COSTS
from effexplorer.records.store import HERE, Run
from effexplorer.ui.explore.budget import spoken
from effexplorer.ui.explore.plane import MANY_SETS, plane_state, short_name
from effexplorer.ui.explore.view import COUNTED, View, filtered, of_task

Plain = dict[str, Any]


def set_data(view: View, runs: Sequence[Run]) -> Plain:
    """Return what is known of the runs of one task and training set, which ``view`` names.

    ``runs`` are all that are published. Of many the newest are drawn, as in the app.
    """
    state = plane_state(view, runs)
    drawn = _newest(view, runs)
    age = {run.record.id: at for at, run in enumerate(drawn)}
    by_id = {run.record.id: run for run in drawn}
    others = published(view.task)
    return {
        "view": state["view"],
        "options": state["options"],
        "task_models": sorted({run.record.model for run in of_task(view, runs)}),
        "notices": state["notices"],
        "rows": [row | _facts(by_id[row["id"]], age[row["id"]]) for row in state["rows"]],
        "questions": state["asked"]["questions"],
        "counts": state["asked"]["counts"],
        "total": state["total"],
        "costs": COSTS,
        "many_sets": MANY_SETS,
        "few": FEW,
        "crowd": CROWD,
        "published": {
            cost: plane_state(dataclasses.replace(view, cost=cost), runs)["published"]
            for cost in COSTS
        },
        "unpublished": {
            cost: plane_state(dataclasses.replace(view, cost=cost, published=True), runs)["notices"]
            for cost in COSTS
            if others and not on_axis(others, cost)
        },
    }


def figure_data(view: View, runs: Sequence[Run]) -> Plain:
    """Return the points of one task and training set on the axis ``view.cost``, and the layout.

    With ``view.seeds`` every run is a point.
    """
    drawn = _newest(view, runs)
    layouts = {
        name: plane(drawn, cost=view.cost, log=name == "log").to_plotly_json()["layout"]
        for name in ("linear", "log")
    }
    overlay = published_traces(published(view.task), view.cost)
    return {
        "layouts": layouts,
        "points": [_point(point) for point in points(drawn, view.cost, seeds=view.seeds)],
        "published": [trace.to_plotly_json() for trace in overlay],
    }


def path_data(run: Run) -> Plain:
    """Return by cost how a run's path is drawn, and the scores and costs that it passes."""
    return {cost: _path(run, cost) for cost in COSTS}


def table_data(view: View, runs: Sequence[Run]) -> Plain:
    """Return runs as the files to download have them: whole records, and their lines of CSV."""
    drawn = _newest(view, runs)
    heading, *lines = to_csv(drawn).splitlines()
    by_id: dict[str, list[str]] = {}
    for line in lines:
        by_id.setdefault(line.partition(",")[0], []).append(line)
    records = [
        {
            "source": run.source,
            "record": dataclasses.asdict(run.record),
            "lines": by_id[run.record.id],
        }
        for run in drawn
    ]
    return {"heading": heading, "records": records}


def _newest(view: View, runs: Sequence[Run]) -> list[Run]:
    """Return the runs of the view's task and training set that are drawn."""
    return filtered(View(task=view.task, data=view.data), runs)[-limits.MAX_RECORDS_SHOWN :]


def _facts(run: Run, age: int) -> Plain:
    record, last = run.record, run.record.final
    name = set_name(record.letters)
    return {
        "age": age,
        "used": [stage.letter for stage in record.stages[1:]],
        "value": last.score,
        "cost_values": {cost: last.cost(cost) for cost in COSTS},
        "place": timed_at(record),
        "set": name,
        "short": short_name(name),
        "says": {counted: spoken(run, ("bytes", counted)) for counted in COUNTED}
        | {"bytes": spoken(run, ("bytes",))},
    }


def _point(point: Point) -> Plain:
    record = point.record
    return {
        "id": record.id,
        "ids": point.ids,
        "letters": record.letters,
        "set": set_name(record.letters),
        "here": point.source == HERE,
        "mark": dataclasses.asdict(mark(record.letters, open=point.source == HERE)),
        "color": mark(record.letters).color,
        "cost": point.cost,
        "score": point.score,
        "low": point.low,
        "high": point.high,
        "hover": hover(dataclasses.replace(point, elsewhere=False)),
        "place": timed_at(record),
        "place_line": f"timed elsewhere ({escaped(timed_at(record))}): not on the front",
    }


def _path(run: Run, cost: str) -> Plain:
    stages, last, early = list(run.record.stages), run.record.final, leaving_early(run, cost)
    traces = path_traces(run, cost) + (leaving_traces(run, early, cost) if early else [])
    shown = stages + ([early] if early else [])
    return {
        "traces": [trace.to_plotly_json() for trace in traces],
        "scores": [*(stage.score for stage in shown), last.score_low, last.score_high],
        "costs": [scaled(stage, cost) for stage in shown],
    }
