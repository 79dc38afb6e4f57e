"""What others published, drawn beside the measured runs and marked apart from them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from effexplorer import units
from effexplorer.figures.axes import escaped, scale_of
from effexplorer.published import Published

if TYPE_CHECKING:
    import plotly.graph_objects as go

SYMBOL = "asterisk-open"  # no set of operators has it
_GREY = "#6b7280"
_UNITS = {"parameters": "parameters", "macs": "MACs"}  # of counts, which have no unit of their own


def on_axis(published: Sequence[Published], cost: str) -> list[Published]:
    """Return the figures whose cost is the one on this axis; the others stand on none."""
    return [figure for figure in published if figure.axis == cost]


def published_traces(published: Sequence[Published], cost: str) -> list[go.Scatter]:
    """Return one grey trace of the figures on this axis, or none; they are on no front."""
    import plotly.graph_objects as go

    shown = on_axis(published, cost)
    if not shown:
        return []
    return [
        go.Scatter(
            x=[figure.cost / scale_of(cost) for figure in shown],
            y=[figure.score for figure in shown],
            mode="markers",
            name="published",
            customdata=[["", ""] for _ in shown],
            hovertext=[_hover(figure) for figure in shown],
            hovertemplate="%{hovertext}<extra></extra>",
            marker={"size": 9, "symbol": SYMBOL, "color": _GREY, "line": {"width": 1.4}},
            meta={"role": "published"},
        )
    ]


def _hover(published: Published) -> str:
    """Return what a published point tells: series, score and split, source, and what it is not."""
    axis = published.axis or ""  # a figure that is drawn has its cost on an axis
    cost = f"{units.cost(axis, published.cost)} {_UNITS.get(axis, '')}".strip()
    lines = [
        f"<b>{escaped(published.series)}</b>",
        f"{units.percent(published.score)} ({escaped(published.metric)}) on "
        f"{escaped(published.split)}, {cost}",
        *(escaped(line) for line in textwrap.wrap(published.note, 60)),
        *(escaped(line) for line in textwrap.wrap(f"Source: {published.source}", 60)),
        "<i>published, not measured here</i>",
    ]
    return "<br>".join(lines)
