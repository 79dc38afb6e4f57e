"""Figures that others published: facts with their source, measured elsewhere and not by us.

``figures.csv`` holds scores from papers' tables and repositories, as far as they could be checked;
``layer_removals.csv`` what Peer et al. logged of greedy layer pruning (arXiv 2105.14839,
github.com/deepopinion/greedy-layer-pruning). README.md beside them says what is in each.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from effexplorer.published.sizes import LAYERS, parameters_left
from effexplorer.records.schema import COSTS

_METRICS = {"mrpc": "f1", "qqp": "f1", "stsb": "spearmanr", "cola": "matthews_correlation"}
_FOLDER = Path(__file__).parent
_LOGS = "github.com/deepopinion/greedy-layer-pruning (Peer et al. 2022, arXiv 2105.14839)"
_SPLITS = {"dev": "GLUE dev", "train85_15": "15 % of GLUE train"}


@dataclass(frozen=True)
class Published:
    """A score that someone else published.

    ``score`` is percent, in the ``metric`` that the source names. ``axis`` is the cost axis of
    ``record.COSTS`` on which ``cost`` stands, None for a cost that is not measured here:
    ``cost_name`` then says what it is (``relative time``, 1 for the dense model; ``sparsity``, 0 to
    1; ``bits``). ``split`` is what the score was measured on. ``note`` may be empty.
    """

    series: str
    model: str
    task: str
    metric: str
    score: float
    axis: str | None
    cost_name: str
    cost: float
    split: str
    source: str
    note: str


@dataclass(frozen=True)
class Removal:
    """One fine-tuning of Peer et al. without some layers of a model of twelve.

    ``split`` is ``dev`` or ``train85_15`` (15 % of train), on which it was scored and the layers
    chosen; ``search`` is ``greedy`` (only the winner of each removal is kept here) or
    ``exhaustive`` (all pairs). ``layers`` counts from 0, in the order of removal; ``score`` is
    percent, logged to a tenth.
    """

    split: str
    model: str
    task: str
    search: str
    layers: tuple[int, ...]
    score: float


@cache
def removals() -> tuple[Removal, ...]:
    """Return the logged fine-tunings: greedy's path, and every pair of the exhaustive search."""
    return tuple(
        Removal(
            row["split"],
            row["model"],
            row["task"],
            row["search"],
            tuple(int(layer) for layer in row["layers_removed"].split("-")),
            float(row["score"]),
        )
        for row in _rows("layer_removals.csv")
    )


@cache
def published(task: str) -> tuple[Published, ...]:
    """Return what was published of ``task``, greedy layer pruning last; empty for other tasks."""
    return tuple(figure for figure in (*_figures(), *_greedy()) if figure.task == task)


def _figures() -> list[Published]:
    return [
        Published(
            **{name: row[name] for name in ("series", "model", "task", "metric")},
            score=float(row["score"]),
            axis=row["cost"] if row["cost"] in COSTS else None,
            cost_name=row["cost"],
            cost=float(row["cost_value"]),
            **{name: row[name] for name in ("split", "source", "note")},
        )
        for row in _rows("figures.csv")
    ]


def _greedy() -> list[Published]:
    """Return greedy layer pruning's path as figures, at the parameters that its layers left."""
    return [
        Published(
            series=f"Greedy layer pruning, {removal.model}, {_SPLITS[removal.split]}",
            model=removal.model,
            task=removal.task,
            metric=_metric(removal),
            score=removal.score,
            axis="parameters",
            cost_name="parameters",
            cost=parameters_left(removal.model, LAYERS - len(removal.layers)),
            split=_SPLITS[removal.split],
            source=_LOGS,
            note=f"{len(removal.layers)} of {LAYERS} layers removed, chosen by this score",
        )
        for removal in removals()
        if removal.search == "greedy"
    ]


def _metric(removal: Removal) -> str:
    """Return what the code behind the logs scores by; of MNLI's two dev sets it keeps the last."""
    mismatched = (removal.task, removal.split) == ("mnli", "dev")
    return "accuracy (mismatched)" if mismatched else _METRICS.get(removal.task, "accuracy")


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
