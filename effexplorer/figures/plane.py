"""The plane of score against cost: runs as points, their front as steps, one run's path."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from effexplorer import units
from effexplorer.analysis.pareto import front
from effexplorer.figures.marks import mark, set_name
from effexplorer.record import COSTS, Stage
from effexplorer.store import HERE, Run
from effexplorer.tasks.spec import TASKS

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SCALES = {"bytes": 1e6, "parameters": 1e6, "macs": 1e9, "latency": 1.0}
_UNITS = {"bytes": "MB", "parameters": "million", "macs": "billion", "latency": "ms, batch 1"}


def plane(
    runs: Sequence[Run], *, cost: str = "bytes", log: bool = False, selected: str = ""
) -> go.Figure:
    """Return the figure of ``runs``, all of one task, with the path of the run ``selected``.

    ``cost`` is one of ``record.COSTS``. Every point's ``customdata`` is ``[run id, label]``.
    """
    import plotly.graph_objects as go

    chosen = next((run for run in runs if run.record.id == selected), None)
    shown = [run.record.final for run in runs] + list(chosen.record.stages if chosen else ())
    scores = [stage.score for stage in shown]
    if chosen:
        scores += [chosen.record.final.score_low, chosen.record.final.score_high]
    figure = go.Figure()
    x_range, y_range = _x_range(shown, cost, log), _y_range(scores)
    figure.add_traces(_front(runs, cost, x_range, y_range, log))
    figure.add_traces(_points(runs, cost))
    if chosen:
        figure.add_traces(_path(chosen, cost))
    figure.update_layout(
        template="none",
        margin={"l": 64, "r": 24, "t": 16, "b": 56},
        hovermode="closest",
        dragmode="zoom",
        showlegend=False,
        uirevision=f"{cost} {log} {sorted({run.record.task for run in runs})}",
        xaxis=_axis(f"{COSTS[cost]} ({_UNITS[cost]})", x_range)
        | ({"type": "log", "dtick": "D2"} if log else {"rangemode": "tozero"}),
        yaxis=_axis(_score_title(runs), y_range),
    )
    return figure


def hover(run: Run) -> str:
    """Return what a point tells: steps, score and its interval, costs, change against dense."""
    record, dense, last = run.record, run.record.stages[0], run.record.final
    lines = [
        f"<b>{_escaped(record.letters)}</b>  {_escaped(record.model)}",
        _escaped(record.steps or "fine-tuned, nothing compressed"),
        f"{units.percent(last.score)}  ({last.score_low:.1f} to {last.score_high:.1f}, 95 %)",
        "  ".join(units.cost(axis, last.cost(axis)) for axis in ("bytes", "latency"))
        + f"  {units.count(last.parameters)} parameters",
    ]
    if len(record.stages) > 1:
        smaller = units.times(last.bytes / dense.bytes)
        lines.append(f"against dense: {units.points(last.score - dense.score)}, {smaller} the size")
    examples = record.data.get("train_examples")
    trained = f"{examples:,} training sentences" if examples else "all training sentences"
    place = "measured here" if run.source == HERE else "shipped"
    lines.append(f"<i>{trained}, seed {record.seed}, {place}</i>")
    return "<br>".join(lines)


def _points(runs: Sequence[Run], cost: str) -> list[go.Scatter]:
    import plotly.graph_objects as go

    groups: dict[tuple[str, bool], list[Run]] = {}
    for run in runs:
        key = (set_name(run.record.letters), run.source == HERE)
        groups.setdefault(key, []).append(run)
    traces = []
    for (name, here), members in sorted(groups.items(), key=lambda item: item[0]):
        look = mark(members[0].record.letters, open=here)
        traces.append(
            go.Scatter(
                x=[_scaled(run.record.final, cost) for run in members],
                y=[run.record.final.score for run in members],
                mode="markers+text",
                name=f"{name} (here)" if here else name,
                text=[run.record.letters for run in members],
                textposition="top center",
                customdata=[[run.record.id, run.record.letters] for run in members],
                hovertext=[hover(run) for run in members],
                hovertemplate="%{hovertext}<extra></extra>",
                marker={
                    "size": 12,
                    "symbol": look.plotly_symbol,
                    "color": look.color,
                    "line": {"width": 2 if here else 1, "color": look.color if here else "#ffffff"},
                },
                meta={"role": "points", "series": look.series, "open": here},
            )
        )
    return traces


def _front(
    runs: Sequence[Run], cost: str, x_range: list[float], y_range: list[float], log: bool
) -> list[go.Scatter]:
    """Return the front as a step: each of its scores holds until the next, costlier run."""
    import plotly.graph_objects as go

    points = [(_scaled(run.record.final, cost), run.record.final.score) for run in runs]
    kept = [points[i] for i in front(points)]
    if not kept:
        return []
    right = 10 ** x_range[1] if log else x_range[1]
    steps = [(kept[0][0], y_range[0]), *kept, (right, kept[-1][1])]
    return [
        go.Scatter(
            x=[x for x, _ in steps],
            y=[y for _, y in steps],
            mode="lines",
            name="Pareto front",
            line={"shape": "hv", "width": 1.5, "color": "#2f4fd0"},
            fill="tozeroy",
            fillcolor="rgba(47, 79, 208, 0.05)",
            hoverinfo="skip",
            meta={"role": "front"},
        )
    ]


def _path(run: Run, cost: str) -> list[go.Scatter]:
    """Return the run's way through its stages: an arrowed line, labelled at each stage."""
    import plotly.graph_objects as go

    stages = run.record.stages
    x, y = [_scaled(stage, cost) for stage in stages], [stage.score for stage in stages]
    labels = [stage.operator or "dense" for stage in stages]
    last = stages[-1]
    interval = go.Scatter(
        x=[x[-1]],
        y=[y[-1]],
        mode="markers",
        name="95 % interval",
        hoverinfo="skip",
        marker={"size": 24, "symbol": "circle-open", "color": "#1b1f27", "line": {"width": 2}},
        error_y={
            "array": [max(0.0, last.score_high - last.score)],
            "arrayminus": [max(0.0, last.score - last.score_low)],
            "thickness": 1.2,
            "width": 5,
            "color": "#1b1f27",
        },
        meta={"role": "selected"},
    )
    way = go.Scatter(
        x=x,
        y=y,
        mode="lines+markers+text",
        name="path of the selected run",
        text=labels,
        textposition="bottom center",
        customdata=[["", label] for label in labels],
        hovertext=[_escaped(stage.step) for stage in stages],
        hovertemplate="%{hovertext}: %{y:.1f} %<extra></extra>",
        line={"width": 2, "color": "#1b1f27"},
        marker={
            "symbol": ["circle"] + ["arrow"] * (len(stages) - 1),
            "angleref": "previous",
            "size": [7] + [13] * (len(stages) - 1),
            "standoff": [0] + [6] * (len(stages) - 1),
            "color": "#1b1f27",
        },
        meta={"role": "path"},
    )
    return [interval, way]


def _score_title(runs: Sequence[Run]) -> str:
    """Return ``"SST-2 accuracy (%)"``."""
    names = {(run.record.task, run.record.score_name) for run in runs}
    titles = [
        f"{TASKS[task].title.partition(':')[0] if task in TASKS else task} {name.replace('_', ' ')}"
        for task, name in sorted(names)
    ]
    return f"{_escaped(' / '.join(titles) or 'score')} (%)"


def _axis(title: str, span: list[float]) -> dict:
    return {
        "title": {"text": title, "standoff": 12},
        "range": span,
        "zeroline": False,
        "showline": True,
        "gridcolor": "#e6e6e6",
        "linecolor": "#9a9a9a",
        "ticks": "outside",
        "ticklen": 4,
        "automargin": True,
    }


def _x_range(stages: Sequence[Stage], cost: str, log: bool) -> list[float]:
    values = [_scaled(stage, cost) for stage in stages] or [1.0]
    if not log:
        return [0.0, 1.08 * max(values) or 1.0]
    low, high = (math.log10(max(bound, 1e-6)) for bound in (min(values), max(values)))
    room = max(0.08, 0.08 * (high - low))
    return [low - room, high + room]


def _y_range(scores: Sequence[float]) -> list[float]:
    scores = scores or [0.0, 100.0]
    room = max(0.8, 0.14 * (max(scores) - min(scores)))
    return [min(scores) - room, max(scores) + room]


def _scaled(stage: Stage, cost: str) -> float:
    return stage.cost(cost) / _SCALES[cost]


def _escaped(text: str) -> str:
    return html.escape(str(text)[:200], quote=False)
