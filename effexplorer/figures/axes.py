"""The plane's axes: what stands on them, how far they reach, and in which units."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

from effexplorer.records.schema import COSTS, Stage
from effexplorer.records.store import Run
from effexplorer.tasks.scores import score_words
from effexplorer.tasks.spec import TASKS

_SCALES = {"bytes": 1e6, "parameters": 1e6, "macs": 1e9, "latency": 1.0}
FEWEST_TICKS = 4  # of a logarithmic axis: fewer do not let a point's cost be read
_UNITS = {"bytes": "MB", "parameters": "million", "macs": "billion", "latency": "ms, batch 1"}


def scale_of(cost: str) -> float:
    """Return how much one unit of the axis is: 1e6 bytes."""
    return _SCALES[cost]


def scaled(stage: Stage, cost: str) -> float:
    """Return the stage's cost in the unit of its axis."""
    return stage.cost(cost) / _SCALES[cost]


def cost_title(cost: str) -> str:
    """Return ``"Size on disk (MB)"``."""
    return f"{COSTS[cost]} ({_UNITS[cost]})"


def score_title(runs: Sequence[Run]) -> str:
    """Return ``"SST-2 accuracy (%)"``."""
    names = {(run.record.task, run.record.score_name) for run in runs}
    titles = [
        f"{TASKS[task].title.partition(':')[0] if task in TASKS else task} {score_words(name)}"
        for task, name in sorted(names)
    ]
    return f"{escaped(' / '.join(titles) or 'score')} (%)"


def axis(title: str, span: list[float]) -> dict[str, Any]:
    """Return an axis with this title that reaches over ``span``."""
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


def cost_span(costs: Sequence[float], log: bool) -> list[float]:
    """Return how far the cost axis reaches over ``costs`` in its unit; log: as powers of ten."""
    values = costs or [1.0]
    if not log:
        return [0.0, 1.08 * max(values) or 1.0]
    low, high = (math.log10(max(bound, 1e-6)) for bound in (min(values), max(values)))
    room = max(0.08, 0.08 * (high - low))
    return [low - room, high + room]


def log_ticks(span: list[float]) -> dict[str, Any]:
    """Return a logarithmic axis with round ticks; ``span`` is in powers of ten.

    They are 1, 2 and 5 times powers of ten; on a short axis, where few of them stand, all digits,
    or evenly spaced numbers.
    """
    low, high = 10 ** span[0], 10 ** span[1]
    decades = range(math.floor(span[0]), math.ceil(span[1]) + 1)
    coarse = [digit * 10.0**power for power in decades for digit in (1, 2, 5)]
    fine = [digit * 10.0**power for power in decades for digit in range(1, 10)]
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    even = [step * count for count in range(math.ceil(low / step), math.floor(high / step) + 1)]
    choices = [[tick for tick in ticks if low <= tick <= high] for ticks in (coarse, fine, even)]
    shown = next((ticks for ticks in choices if len(ticks) >= FEWEST_TICKS), choices[-1])
    return {
        "type": "log",
        "tickmode": "array",
        "tickvals": shown,
        "ticktext": [f"{tick:g}" for tick in shown],
    }


def score_span(scores: Sequence[float]) -> list[float]:
    """Return how far the score axis reaches, with room for labels."""
    scores = scores or [0.0, 100.0]
    room = max(0.8, 0.14 * (max(scores) - min(scores)))
    return [min(scores) - room, max(scores) + room]


def escaped(text: str) -> str:
    """Return ``text`` so that Plotly shows it as it is; names of folders may hold anything."""
    return html.escape(str(text)[:200], quote=False)
