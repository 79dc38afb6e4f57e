"""The prediction of a pipeline from single operators, for the Build tab and the page of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effexplorer import units
from effexplorer.analysis.cumulativeness import Prediction, compare, predict, why_not
from effexplorer.analysis.groups import Group, Setting, group, order_of, setting
from effexplorer.pipeline import Pipeline
from effexplorer.records.schema import Record
from effexplorer.records.store import Run
from effexplorer.ui.shared.messages import Missed, PredictionText


def prediction(pipeline: Pipeline, runs: Sequence[Run]) -> PredictionText | None:
    """Return what is expected of ``pipeline`` and on what that rests, or None for single steps.

    ``text`` is empty where nothing can be predicted; ``basis`` then says which runs are missing. Of
    several versions of the data, that with the most runs counts.
    """
    order = tuple(map(str, pipeline.steps))
    if len(order) < 2:
        return None
    plan = (pipeline.model, pipeline.task, pipeline.train_examples, pipeline.epochs)
    shared = (*plan, pipeline.max_length)
    alike = [among for among in group(run.record for run in runs) if _plan(among.setting) == shared]
    groups = alike or [Group(Setting(*plan, fingerprint=""))]
    predicted = next(filter(None, (predict(among, order, pipeline.seed) for among in groups)), None)
    if predicted is None:
        return {"text": "", "basis": why_not(groups[0], order) or ""}
    size, macs = units.megabytes(predicted.costs["bytes"]), units.count(predicted.costs["macs"])
    text = f"{_scores(predicted)}, {size}, {macs} MACs"
    return {"text": text, "basis": _basis(predicted, pipeline.letters)}


def missed(record: Record, runs: Sequence[Run]) -> Missed | None:
    """Return how far ``record`` came out from its prediction, or None for fewer than two steps.

    ``rows`` holds what is compared, its difference and what was predicted; it is empty where
    nothing could be.
    """
    order = order_of(record)
    if len(order) < 2:
        return None
    own = next(
        (among for among in group(run.record for run in runs) if among.setting == setting(record)),
        Group(setting(record)),
    )
    predicted = predict(own, order, record.seed)
    if predicted is None:
        return {"rows": [], "basis": why_not(own, order)}
    off = compare(predicted, record)
    scores = ((off.additive, predicted.additive), (off.multiplicative, predicted.multiplicative))
    names = ("Score, effects added", "Score, multiplied")
    rows = [
        [name, units.points(difference), f"predicted {units.percent(expected)}"]
        for name, (difference, expected) in zip(names, scores, strict=True)
    ]
    size = predicted.costs["bytes"]
    rows.append(
        [
            "Size",
            units.change(off.costs["bytes"], "smaller", "larger"),
            f"predicted {units.megabytes(size)}",
        ]
    )
    return {"rows": rows, "basis": _basis(predicted, record.letters)}


def _plan(compared: Setting) -> tuple[Any, ...]:
    return compared.model, compared.task, compared.examples, compared.epochs, compared.max_length


def _scores(predicted: Prediction) -> str:
    added, multiplied = units.percent(predicted.additive), units.percent(predicted.multiplicative)
    if added == multiplied:
        return added
    return f"{added} (effects added) or {multiplied} (multiplied)"


def _basis(predicted: Prediction, letters: str) -> str:
    count = len(predicted.seeds)
    seeds = f"seed {predicted.seeds[0]}" if count == 1 else f"means of {count or 'different'} seeds"
    depth = ", at full depth" if "E" in letters.split(">") else ""
    return f"from the dense model and each operator alone, {seeds}{depth}"
