"""What is drawn on the plane: runs as points, their front as steps, one run's path as an arrow."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from effexplorer import units
from effexplorer.analysis.pareto import front
from effexplorer.figures.axes import escaped, scaled
from effexplorer.figures.marks import mark, set_name
from effexplorer.records.schema import Stage
from effexplorer.records.store import HERE, Run

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEW = 24  # runs that can all have a label; of more, only what stands out
CROWD = 60  # from here on points are smaller and let those behind them show


def point_traces(runs: Sequence[Run], cost: str, selected: str = "") -> list[go.Scatter]:
    """Return a trace per set of operators and source; ``customdata`` is ``[run id, label]``.

    Among many runs those on the front and the ``selected`` one are labelled, and stand out.
    """
    import plotly.graph_objects as go

    points = [(scaled(run.record.final, cost), run.record.final.score) for run in runs]
    plain = {runs[i].record.id for i in front(points)} | {selected}
    named = plain if len(runs) > FEW else {run.record.id for run in runs}
    crowded = len(runs) > CROWD
    groups: dict[tuple[str, bool], list[Run]] = {}
    for run in runs:
        key = (set_name(run.record.letters), run.source == HERE)
        groups.setdefault(key, []).append(run)
    traces = []
    for (name, here), members in sorted(groups.items(), key=lambda item: item[0]):
        look = mark(members[0].record.letters, open=here)
        labels = [run.record.letters if run.record.id in named else "" for run in members]
        stands_out = [not crowded or run.record.id in plain for run in members]
        traces.append(
            go.Scatter(
                x=[scaled(run.record.final, cost) for run in members],
                y=[run.record.final.score for run in members],
                mode="markers+text",
                name=f"{name} (here)" if here else name,
                text=labels,
                textposition="top center",
                customdata=[
                    [run.record.id, label] for run, label in zip(members, labels, strict=True)
                ],
                hovertext=[hover(run) for run in members],
                hovertemplate="%{hovertext}<extra></extra>",
                marker={
                    "size": [12 if one else 8 for one in stands_out],
                    "opacity": [1.0 if one else 0.6 for one in stands_out],
                    "symbol": look.plotly_symbol,
                    "color": look.color,
                    "line": {"width": 2 if here else 1, "color": look.color if here else "#ffffff"},
                },
                meta={"role": "points", "series": look.series, "open": here},
            )
        )
    return traces


def front_traces(
    runs: Sequence[Run], cost: str, x_range: list[float], y_range: list[float], log: bool
) -> list[go.Scatter]:
    """Return the front as a step: each of its scores holds until the next, costlier run."""
    import plotly.graph_objects as go

    points = [(scaled(run.record.final, cost), run.record.final.score) for run in runs]
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


def path_traces(run: Run, cost: str) -> list[go.Scatter]:
    """Return the run's way through its stages: an arrowed line, labelled at each stage."""
    import plotly.graph_objects as go

    stages = run.record.stages
    x, y = [scaled(stage, cost) for stage in stages], [stage.score for stage in stages]
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
        hovertext=[escaped(stage.step) for stage in stages],
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


def leaving_early(run: Run, cost: str) -> Stage | None:
    """Return the run's last stage as it stands where sentences leave early, or None.

    Its score and MACs are then those at the threshold that was chosen on held-out training data.
    Only on the axis of MACs: leaving early makes no file smaller, and was not timed.
    """
    last = run.record.final
    if cost != "macs" or "threshold" not in last.operating:
        return None
    point = last.operating
    return dataclasses.replace(last, score=point["score"], macs=round(point["macs"]))


def leaving_traces(run: Run, early: Stage, cost: str) -> list[go.Scatter]:
    """Return the way from full depth to the operating point, as a dotted line."""
    import plotly.graph_objects as go

    last = run.record.final
    label = "leaving early"
    told = f"{label}, threshold {last.operating['threshold']:.2f}"
    return [
        go.Scatter(
            x=[scaled(last, cost), scaled(early, cost)],
            y=[last.score, early.score],
            mode="lines+markers+text",
            name=label,
            text=["", label],
            textposition="bottom center",
            customdata=[["", ""], ["", label]],
            hovertext=["", told],
            hovertemplate="%{hovertext}: %{y:.1f} %<extra></extra>",
            hoverinfo="text",
            line={"width": 2, "color": "#1b1f27", "dash": "dot"},
            marker={
                "symbol": ["circle", "circle-open"],
                "size": [0, 12],
                "color": "#1b1f27",
                "line": {"width": 2},
            },
            meta={"role": "leaving"},
        )
    ]


def hover(run: Run) -> str:
    """Return what a point tells: steps, score and its interval, costs, change against dense."""
    record, dense, last = run.record, run.record.stages[0], run.record.final
    lines = [
        f"<b>{escaped(record.letters)}</b>  {escaped(record.model)}",
        escaped(record.steps or "fine-tuned, nothing compressed"),
        f"{units.percent(last.score)}  ({last.score_low:.1f} to {last.score_high:.1f}, 95 %)",
        "  ".join(units.cost(axis, last.cost(axis)) for axis in ("bytes", "latency"))
        + f"  {units.count(last.parameters)} parameters",
    ]
    if len(record.stages) > 1:
        smaller = units.times(last.bytes / dense.bytes)
        lines.append(f"against dense: {units.points(last.score - dense.score)}, {smaller} the size")
    trained = f"trained on {record.trained_on}"
    place = "measured here" if run.source == HERE else "shipped"
    lines.append(f"<i>{trained}, seed {record.seed}, {place}</i>")
    return "<br>".join(lines)
