"""What is drawn on the plane: runs as points, their front as steps, one run's path as an arrow."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from effexplorer import units
from effexplorer.analysis.pareto import front
from effexplorer.figures.axes import escaped, scaled
from effexplorer.figures.marks import mark, set_name
from effexplorer.figures.points import Point, stands_early, timed_at
from effexplorer.records.schema import Stage
from effexplorer.records.store import HERE, Run

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEW = 24  # runs that can all have a label; of more, only what stands out
CROWD = 60  # from here on points are smaller and let those behind them show


def point_traces(shown: Sequence[Point], selected: str = "") -> list[go.Scatter]:
    """Return a trace per set of operators and source, with whiskers from lowest to highest seed.

    ``customdata`` is ``[id of the run that a click opens, label, ids of all its runs]``. Among many
    points those on the front and the ``selected`` one are labelled, and stand out.
    """
    import plotly.graph_objects as go

    plain = {point.record.id for point in on_front(shown)}
    plain |= {point.record.id for point in shown if selected in point.ids}
    named = plain if len(shown) > FEW else {point.record.id for point in shown}
    crowded = len(shown) > CROWD
    groups: dict[tuple[str, bool], list[Point]] = {}
    for point in shown:
        key = (set_name(point.record.letters), point.source == HERE)
        groups.setdefault(key, []).append(point)
    traces = []
    for (name, here), members in sorted(groups.items(), key=lambda item: item[0]):
        look = mark(members[0].record.letters, open=here)
        labels = [point.record.letters if point.record.id in named else "" for point in members]
        stands_out = [not crowded or point.record.id in plain for point in members]
        traces.append(
            go.Scatter(
                x=[point.cost for point in members],
                y=[point.score for point in members],
                mode="markers+text",
                name=f"{name} (here)" if here else name,
                text=labels,
                textposition="top center",
                customdata=[
                    [point.record.id, label, point.ids]
                    for point, label in zip(members, labels, strict=True)
                ],
                hovertext=[hover(point) for point in members],
                hovertemplate="%{hovertext}<extra></extra>",
                error_y={
                    "array": _whiskers(members, stands_out, above=True),
                    "arrayminus": _whiskers(members, stands_out, above=False),
                    "color": look.color,
                    "thickness": 1,
                    "width": 2,
                },
                marker={
                    "size": [12 if out else 8 for out in stands_out],
                    "opacity": [1.0 if out else 0.6 for out in stands_out],
                    "symbol": look.plotly_symbol,
                    "color": look.color,
                    "line": {"width": 2 if here else 1, "color": look.color if here else "#ffffff"},
                },
                meta={"role": "points", "series": look.series, "open": here},
            )
        )
    return traces


def _whiskers(members: Sequence[Point], drawn: Sequence[bool], *, above: bool) -> list[float]:
    """Return how far seeds reach above or below their mean; 0 for points behind in a crowd."""
    reach = [point.high - point.score if above else point.score - point.low for point in members]
    return [far if shown else 0.0 for far, shown in zip(reach, drawn, strict=True)]


def on_front(shown: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats, cheapest first; none that was timed elsewhere."""
    comparable = [point for point in shown if not point.elsewhere]
    return [comparable[i] for i in front([(point.cost, point.score) for point in comparable])]


def front_traces(
    shown: Sequence[Point], x_range: list[float], y_range: list[float], log: bool
) -> list[go.Scatter]:
    """Return the front as a step: each of its scores holds until the next, costlier point."""
    import plotly.graph_objects as go

    kept = [(point.cost, point.score) for point in on_front(shown)]
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

    Its score and cost are then those at the threshold that was chosen on held-out training data.
    """
    last = run.record.final
    if not stands_early(last, cost):
        return None
    point = last.operating
    if cost == "macs":
        return dataclasses.replace(last, score=point["score"], macs=round(point["macs"]))
    return dataclasses.replace(last, score=point["score"], latency_ms=point["latency_ms"])


def leaving_traces(run: Run, early: Stage, cost: str) -> list[go.Scatter]:
    """Return the way from full depth to the operating point, as a dotted line."""
    import plotly.graph_objects as go

    last = run.record.final
    label = "leaving early"
    text = f"{label}, threshold {last.operating['threshold']:.2f}"
    return [
        go.Scatter(
            x=[scaled(last, cost), scaled(early, cost)],
            y=[last.score, early.score],
            mode="lines+markers+text",
            name=label,
            text=["", label],
            textposition="bottom center",
            customdata=[["", ""], ["", label]],
            hovertext=["", text],
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


def hover(point: Point) -> str:
    """Return what a point tells: steps, score with its spread, costs, change against dense."""
    record, dense, last = point.record, point.record.stages[0], point.record.final
    several = len(point.runs) > 1
    spread = (
        f"{point.low:.1f} to {point.high:.1f} over {len(point.runs)} seeds"
        if several
        else f"{last.score_low:.1f} to {last.score_high:.1f}, 95 %, seed {record.seed}"
    )
    lines = [
        f"<b>{escaped(record.letters)}</b>  {escaped(record.model)}",
        escaped(record.steps or "fine-tuned, nothing compressed"),
        f"{units.percent(point.score)}  ({spread})",
        "  ".join(units.cost(axis, last.cost(axis)) for axis in ("bytes", "latency"))
        + f"  {units.count(last.parameters)} parameters",
    ]
    if point.early:
        lines.append("at its operating point: sentences leave early")
    if len(record.stages) > 1:
        lines.append(
            f"against dense: {units.points(last.score - dense.score)}, "
            f"{units.change(last.bytes / dense.bytes, 'smaller', 'larger')}"
        )
    if point.elsewhere:
        lines.append(f"timed elsewhere ({escaped(timed_at(record))}): not on the front")
    place = "measured here" if point.source == HERE else "shipped"
    lines.append(f"<i>trained on {record.trained_on}, {place}</i>")
    return "<br>".join(lines)
