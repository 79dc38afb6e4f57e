"""The multi-exit models that the Early exit tab offers, and their exit tables as it sends them."""

from __future__ import annotations

import base64
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from effexplorer import units
from effexplorer.errors import UserError
from effexplorer.exits.operating import KEEP
from effexplorer.exits.policies import policies
from effexplorer.exits.table import ExitTable, read_table
from effexplorer.inference.shelf import shelf
from effexplorer.operators.knobs import shown
from effexplorer.record import TABLE, Record
from effexplorer.stages import TABLE as STAGE_TABLE
from effexplorer.store import Store
from effexplorer.tasks.spec import TASKS, TaskSpec
from effexplorer.ui.exit_examples import EXAMPLES


@dataclass(frozen=True)
class Offer:
    """A model with exits; ``answers`` is False where only its ``table`` is kept, not the model."""

    name: str
    title: str
    spec: TaskSpec
    source: str
    layers: tuple[int, ...]
    table: Path
    answers: bool


def offers(store: Store) -> list[Offer]:
    """Return what can be tried: shipped models, own runs' models, then runs with a table alone."""
    runs = [run for run in reversed(store.runs()) if run.record.final.exits]
    titles = {run.record.id: _title(run.record) for run in runs}
    found = {
        one.name: Offer(
            name=one.name,
            title=titles.get(one.name, one.name),
            spec=TASKS[one.task],
            source=one.source,
            layers=one.layers,
            table=one.folder / STAGE_TABLE,
            answers=True,
        )
        for one in shelf()
        if one.task in TASKS
    }
    for run in runs:
        record, path = run.record, store.folders[run.source] / f"{run.record.id}{TABLE}"
        if record.id not in found and record.task in TASKS and path.is_file():
            found[record.id] = Offer(
                name=record.id,
                title=titles[record.id],
                spec=TASKS[record.task],
                source=run.source,
                layers=tuple(exit.layer for exit in record.final.exits),
                table=path,
                answers=False,
            )
    return list(found.values())


def find_offer(store: Store, name: Any) -> Offer:
    """Return the offer called ``name``; raises UserError when there is none."""
    found = next((one for one in offers(store) if one.name == name), None)
    if found is None:
        raise UserError(f"model: must be one of those with exits; got {shown(name)}.")
    return found


def choice(offer: Offer) -> dict[str, Any]:
    """Return the offer's line in the list of models."""
    return {"name": offer.name, "title": offer.title, "source": offer.source}


def described(offer: Offer) -> dict[str, Any]:
    """Return all that the tab needs of a model, as plain JSON values.

    Reads the exit table; raises UserError when its file is damaged.
    """
    spec = offer.spec
    table = read_table(offer.table) if offer.table.is_file() else None
    return choice(offer) | {
        "answers": offer.answers,
        "layers": list(offer.layers),
        "task": spec.title,
        "columns": list(spec.text),
        "labels": list(spec.labels),
        "metric": spec.metrics[0],
        "policies": list(policies(regression=spec.regression)),
        "keep": KEEP,
        "examples": [dataclasses.asdict(one) for one in EXAMPLES.get(spec.name, ())],
        "table": packed(table) if table else None,
    }


def packed(table: ExitTable) -> dict[str, Any]:
    """Return ``table`` as the browser takes it: small arrays as base64 text, little-endian.

    ``logits`` are float16 ``(examples, exits, outputs)``, as in the file; ``macs`` the different
    rows of costs, and ``cost`` which of them an example has; ``tag`` counts in ``tags``.
    """
    macs, cost = np.unique(np.asarray(table.macs, float), axis=0, return_inverse=True)
    tags, tag = np.unique(table.tags, return_inverse=True)
    return {
        "examples": len(table.labels),
        "logits": _text(table.logits, "<f2"),
        "temperatures": np.asarray(table.temperatures, float).tolist(),
        "macs": macs.round().tolist(),
        "cost": _text(cost, "<u4"),
        "labels": _text(table.labels, "<f4"),
        "tags": tags.tolist(),
        "tag": _text(tag, "<u4"),
        "threshold": None if np.isnan(table.threshold) else float(table.threshold),
    }


def _text(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")


def _title(record: Record) -> str:
    task = TASKS[record.task].title.partition(":")[0] if record.task in TASKS else record.task
    score = units.percent(record.final.score)
    return f"{task}: {record.letters} on {record.model}, {score} at full depth ({record.id[:6]})"
