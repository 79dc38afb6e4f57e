"""The plane of score against cost, the figure that the product is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from effexplorer.analysis.training_sets import data_of
from effexplorer.figures.axes import (
    axis,
    cost_span,
    cost_title,
    log_ticks,
    scale_of,
    scaled,
    score_span,
    score_title,
)
from effexplorer.figures.overlay import on_axis, published_traces
from effexplorer.figures.points import points
from effexplorer.figures.traces import (
    front_traces,
    leaving_early,
    leaving_traces,
    path_traces,
    point_traces,
)
from effexplorer.published import Published
from effexplorer.records.store import Run

if TYPE_CHECKING:
    import plotly.graph_objects as go


def plane(
    runs: Sequence[Run],
    *,
    cost: str = "bytes",
    log: bool = False,
    selected: str = "",
    seeds: bool = False,
    published: Sequence[Published] = (),
) -> go.Figure:
    """Return the figure of ``runs``, all of one task and data, with the path of ``selected``.

    A point is the mean of the runs that differ in the seed alone, or with ``seeds`` a single run.
    On the axes of MACs and latency a multi-exit run stands at its operating point, where that was
    measured; its path leads there from full depth, dotted.

    ``cost`` is one of ``record.COSTS``. Every point's ``customdata`` is ``[id of the run that a
    click opens, label, ids of its runs]``; of many points only those on the front and the selected
    one have a label. ``published`` are drawn apart, as far as they have a place on this axis, and
    are on no front.
    """
    import plotly.graph_objects as go

    chosen = next((run for run in runs if run.record.id == selected), None)
    early = leaving_early(chosen, cost) if chosen else None
    stands = points(runs, cost, seeds=seeds)
    shown = list(chosen.record.stages if chosen else ()) + ([early] if early else [])
    scores = [stage.score for stage in shown]
    scores += [bound for point in stands for bound in (point.low, point.high)]
    if chosen:
        scores += [chosen.record.final.score_low, chosen.record.final.score_high]
    others = on_axis(published, cost)
    costs = [scaled(stage, cost) for stage in shown] + [point.cost for point in stands]
    costs += [other.cost / scale_of(cost) for other in others]
    figure = go.Figure()
    x_range = cost_span(costs, log)
    y_range = score_span(scores + [other.score for other in others])
    figure.add_traces(front_traces(stands, x_range, y_range, log))
    figure.add_traces(published_traces(others, cost))
    figure.add_traces(point_traces(stands, selected))
    if chosen:
        figure.add_traces(path_traces(chosen, cost))
    if chosen and early:
        figure.add_traces(leaving_traces(chosen, early, cost))
    figure.update_layout(
        template="none",
        margin={"l": 64, "r": 24, "t": 16, "b": 56},
        hovermode="closest",
        dragmode="zoom",
        showlegend=False,
        uirevision=f"{cost} {log} {bool(others)} {sorted({data_of(run) for run in runs})}",
        xaxis=axis(cost_title(cost), x_range)
        | (log_ticks(x_range) if log else {"rangemode": "tozero"}),
        yaxis=axis(score_title(runs), y_range),
    )
    return figure
