"""The plane's panel: filters, the Plotly figure, and the same runs as a table."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import gradio as gr

from effexplorer import limits, units
from effexplorer.analysis.training_sets import data_of, training_sets
from effexplorer.figures import mark, plane
from effexplorer.figures.marks import set_name
from effexplorer.figures.overlay import on_axis
from effexplorer.operators import OPERATORS
from effexplorer.published import Published, published
from effexplorer.records.schema import COSTS
from effexplorer.records.store import HERE, Run
from effexplorer.tasks.spec import TASKS
from effexplorer.ui.explore.budget import asked
from effexplorer.ui.explore.messages import (
    LegendEntry,
    PlaneOptions,
    PlaneRow,
    PlaneState,
    PublishedSwitch,
)
from effexplorer.ui.explore.view import MATCHES, View, filtered, focused, of_task
from effexplorer.ui.shared.panel import Panel
from effexplorer.web.vendor import PLOTLY

MANY_SETS = 10  # entries of a legend that still fit into two lines


class PlanePanel(Panel):
    """The plane. Its script calls ``redraw(view)`` for a figure, and tells ``open_run``."""

    script = "explore/plane"
    parts = (
        "shared/form",
        "shared/terms",
        "explore/budget",
        "explore/link",
        "explore/picker",
        "explore/labels",
        "explore/filters",
        "explore/runs_table",
        "explore/figure",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make the panel, and let Gradio serve its plotly.js."""
        gr.set_static_paths([PLOTLY])
        super().__init__(*args, **options)


def plane_state(view: View, runs: Sequence[Run], problems: Sequence[str] = ()) -> PlaneState:
    """Return what the panel shows of ``runs`` through ``view``, as plain JSON values."""
    view = focused(view, runs)
    passing = filtered(view, runs)
    shown = passing[-limits.MAX_RECORDS_SHOWN :]
    others = published(view.task) if view.published else ()
    figure = plane(
        shown,
        cost=view.cost,
        log=view.log,
        selected=view.selected,
        seeds=view.seeds,
        published=others,
    )
    notices = list(problems)
    if others and not on_axis(others, view.cost):
        notices.append(_nothing_published(view.cost, others))
    if len(passing) > len(shown):
        notices.append(f"plane: shows the newest {len(shown)} of {len(passing)} runs.")
    return {
        "plotly": f"gradio_api/file={PLOTLY}",
        "view": view.to_dict(),
        "options": _options(view, runs),
        "published": _published(view),
        "asked": asked(view, passing),
        "figure": figure.to_plotly_json(),
        "legend": _legend(shown),
        "rows": [_row(run) for run in _best_first(shown)],
        "cost": COSTS[view.cost],
        "total": len(runs),
        "notices": notices,
    }


def _options(view: View, runs: Sequence[Run]) -> PlaneOptions:
    tasks = Counter(run.record.task for run in runs)
    same_task = of_task(view, runs)
    models = Counter(run.record.model for run in same_task if data_of(run) == view.data)
    titles = {name: spec.title.partition(":")[0] for name, spec in TASKS.items()}
    return {
        "tasks": [[name, f"{titles.get(name, name)} ({n})"] for name, n in sorted(tasks.items())],
        "models": [["", "All models"]] + [[name, f"{name} ({n})"] for name, n in models.items()],
        "data": [
            [data.fingerprint, f"{data.words} ({data.runs})"] for data in training_sets(same_task)
        ],
        "operators": [[cls.letter, name] for name, cls in OPERATORS.items()],
        "matches": [list(item) for item in MATCHES.items()],
        "costs": [
            [name, title.removesuffix(" per sentence").removesuffix(" on disk")]
            for name, title in COSTS.items()
        ],
    }


def _published(view: View) -> PublishedSwitch:
    """Return whether any figure published of this task has a place on the plane, and a note."""
    figures = published(view.task)
    axes = [axis for axis in COSTS if on_axis(figures, axis)]
    if not figures:
        note = "none for this task"
    elif not axes:
        note = "none with a cost that is measured here"
    else:
        note = "" if view.cost in axes else f"for {' and '.join(axes)} only"
    return {"any": bool(axes), "note": note}


def _nothing_published(cost: str, others: Sequence[Published]) -> str:
    """Return why no published figure stands on this axis, and on which they do."""
    axes = [COSTS[axis].lower() for axis in COSTS if on_axis(others, axis)]
    return (
        f"Published: none of the {len(others)} published figures of this task tells its "
        f"{COSTS[cost].lower()}, so none is drawn on this axis. "
        f"They are drawn by {' and by '.join(axes) or 'no other either'}."
    )


def _legend(runs: Sequence[Run]) -> list[LegendEntry]:
    """Return the sets of operators in use with their marks, then the two sources if both are.

    Where there are many, sets of several are told by their letters, which the single ones explain.
    """
    names = {set_name(run.record.letters): run.record.letters for run in runs}
    order = sorted(names, key=lambda name: (name != "dense", name.count("+"), name))
    entries: list[LegendEntry] = [
        {
            "label": short_name(name) if len(order) > MANY_SETS else name,
            "mark": dataclasses.asdict(mark(names[name])),
        }
        for name in order
    ]
    if any(run.source == HERE for run in runs):
        for label, hollow in (("shipped", False), ("measured here", True)):
            look = mark("dense", open=hollow)
            entries.append({"label": label, "mark": dataclasses.asdict(look), "source": True})
    return entries


def short_name(name: str) -> str:
    """Return ``"D distill"`` for one operator, ``"D+P+Q"`` for several, ``"dense"`` for none."""
    letters = [OPERATORS[part].letter for part in name.split(" + ") if part in OPERATORS]
    return f"{letters[0]} {name}" if len(letters) == 1 else "+".join(letters) or name


def _best_first(runs: Sequence[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: (-run.record.final.score, run.record.final.bytes))


def _row(run: Run) -> PlaneRow:
    record, last = run.record, run.record.final
    return {
        "id": record.id,
        "letters": record.letters,
        "steps": record.steps or "fine-tuned only",
        "model": record.model,
        "score": units.percent(last.score),
        "costs": [units.cost(axis, last.cost(axis)) for axis in COSTS],
        "seed": record.seed,
        "source": "here" if run.source == HERE else "shipped",
        "mark": dataclasses.asdict(mark(record.letters, open=run.source == HERE)),
    }
