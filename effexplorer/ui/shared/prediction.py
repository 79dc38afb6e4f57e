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


def prediction(pipeline: Pipeline, runs: Sequence[Run]) -> dict[str, str] | None:
    """Return what is expected of ``pipeline`` and on what that rests, or None for single steps.

    ``text`` is empty where nothing can be predicted; ``basis`` then says which runs are missing. Of
    several versions of the data, that with the most runs counts.
    """
    order = tuple(map(str, pipeline.steps))
    if len(order) < 2:
        return None
    plan = (pipeline.model, pipeline.task, pipeline.train_examples, pipeline.epochs)
    shared = (*plan, pipeline.max_length)
    alike = [one for one in group(run.record for run in runs) if _plan(one.setting) == shared]
    groups = alike or [Group(Setting(*plan, fingerprint=""))]
    told = next(filter(None, (predict(one, order, pipeline.seed) for one in groups)), None)
    if told is None:
        return {"text": "", "basis": why_not(groups[0], order) or ""}
    size, macs = units.megabytes(told.costs["bytes"]), units.count(told.costs["macs"])
    text = f"{_scores(told)}, {size}, {macs} MACs"
    return {"text": text, "basis": _basis(told, pipeline.letters)}


def missed(record: Record, runs: Sequence[Run]) -> dict[str, Any] | None:
    """Return how far ``record`` came out from its prediction, or None for fewer than two steps.

    ``rows`` holds what is compared, its difference and what was predicted; it is empty where
    nothing could be.
    """
    order = order_of(record)
    if len(order) < 2:
        return None
    own = next(
        (one for one in group(run.record for run in runs) if one.setting == setting(record)),
        Group(setting(record)),
    )
    told = predict(own, order, record.seed)
    if told is None:
        return {"rows": [], "basis": why_not(own, order)}
    off = compare(told, record)
    scores = ((off.additive, told.additive), (off.multiplicative, told.multiplicative))
    names = ("Score, effects added", "Score, multiplied")
    rows = [
        [name, units.points(difference), f"predicted {units.percent(expected)}"]
        for name, (difference, expected) in zip(names, scores, strict=True)
    ]
    size = told.costs["bytes"]
    rows.append(
        [
            "Size",
            units.change(off.costs["bytes"], "smaller", "larger"),
            f"predicted {units.megabytes(size)}",
        ]
    )
    return {"rows": rows, "basis": _basis(told, record.letters)}


def _plan(one: Setting) -> tuple[Any, ...]:
    return one.model, one.task, one.examples, one.epochs, one.max_length


def _scores(told: Prediction) -> str:
    added, multiplied = units.percent(told.additive), units.percent(told.multiplicative)
    if added == multiplied:
        return added
    return f"{added} (effects added) or {multiplied} (multiplied)"


def _basis(told: Prediction, letters: str) -> str:
    count = len(told.seeds)
    seeds = f"seed {told.seeds[0]}" if count == 1 else f"means of {count or 'different'} seeds"
    depth = ", at full depth" if "E" in letters.split(">") else ""
    return f"from the dense model and each operator alone, {seeds}{depth}"
