"""The multi-exit models that the Early exit tab offers, and their exit tables as it sends them."""

from __future__ import annotations

import base64
import dataclasses
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from effexplorer import home, units
from effexplorer.errors import UserError, shown
from effexplorer.exits.operating import KEEP
from effexplorer.exits.policies import policies
from effexplorer.exits.table import ExitTable, read_table
from effexplorer.inference.saved_models import SavedModel, models_folder, models_of, with_shipped
from effexplorer.records.schema import EXIT_TABLE_SUFFIX, Record
from effexplorer.records.store import SHIPPED, Store
from effexplorer.runner.stage_cache import EXIT_TABLE_FILE
from effexplorer.tasks.registry import all_tasks
from effexplorer.tasks.spec import TaskSpec
from effexplorer.ui.exits.examples import EXAMPLES
from effexplorer.ui.exits.messages import ModelChoice, ModelState
from effexplorer.ui.shared.visibility import everything, sees


@dataclass(frozen=True)
class Offer:
    """A model with exits; ``answers`` is False where only its ``table`` is kept, not the model.

    ``run`` is the id of the run in the store that ends with it, "" where there is none.
    """

    name: str
    title: str
    spec: TaskSpec
    source: str
    layers: tuple[int, ...]
    table: Path
    answers: bool
    run: str


def offers(store: Store) -> list[Offer]:
    """Return what can be tried: shipped models, own runs' models, then runs with a table alone.

    Of the shipped models those that take one text come first, the one that was trained on most rows
    first of all: it knows more than one kind of text.
    """
    runs = [run for run in store.runs() if run.record.final.exits]
    models = models_of(runs)
    records = {models[run.record.id].name: run.record for run in runs if run.record.id in models}
    tasks = all_tasks()
    listed = [
        _model_offer(model, records.get(model.name), tasks[model.task])
        for model in with_shipped(models)
        if model.task in tasks
    ]
    rows = {name: record.data.get("train_examples") or 0 for name, record in records.items()}
    listed.sort(
        key=lambda offer: (
            len(offer.spec.text) if offer.source == SHIPPED else math.inf,
            -rows.get(offer.name, 0) if offer.source == SHIPPED else 0.0,
        )
    )
    for run in reversed(runs):
        record, path = run.record, store.folders[run.source] / f"{run.record.id}{EXIT_TABLE_SUFFIX}"
        if record.id not in models and record.task in tasks and path.is_file():
            listed.append(
                Offer(
                    name=record.id,
                    title=_title(record, record.id[:6], tasks[record.task]),
                    spec=tasks[record.task],
                    source=run.source,
                    layers=tuple(exit.layer for exit in record.final.exits),
                    table=path,
                    answers=False,
                    run=record.id,
                )
            )
    return listed


class OfferList:
    """The offers of a store, found anew only when its records or the kept models have changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key: tuple[int, ...] = ()
        self._offers: list[Offer] = []
        self._lock = threading.Lock()

    def all(self) -> list[Offer]:
        """Return those of ``offers`` that the browser that asks may see."""
        folders = (home.stages_folder(), models_folder(), home.runs_folder())
        key = (self._store.changes(), *map(_last_change, folders))
        with self._lock:
            if key != self._key:
                with everything():
                    self._offers, self._key = offers(self._store), key
            return [offer for offer in self._offers if sees(offer.spec.name)]

    def find(self, name: Any) -> Offer:
        """Return the offer with this name, or of the run with this id; raises UserError."""
        for offer in self.all():
            if name and name in (offer.name, offer.run):
                return offer
        raise UserError(f"model: must be one of those with exits; got {shown(name)}.")


def _last_change(folder: Path) -> int:
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def _model_offer(model: SavedModel, record: Record | None, spec: TaskSpec) -> Offer:
    short = model.name if model.source == SHIPPED else model.name[:6]
    return Offer(
        name=model.name,
        title=_title(record, short, spec) if record else short,
        spec=spec,
        source=model.source,
        layers=model.layers,
        table=model.folder / EXIT_TABLE_FILE,
        answers=True,
        run=record.id if record else "",
    )


def choice(offer: Offer) -> ModelChoice:
    """Return the offer's line in the list of models."""
    return {
        "name": offer.name,
        "title": offer.title,
        "source": offer.source,
        "answers": offer.answers,
        "run": offer.run,
        "task": offer.spec.title,
        "columns": list(offer.spec.text),
        "labels": list(offer.spec.labels),
    }


def described(offer: Offer) -> ModelState:
    """Return all that the tab needs of a model, as plain JSON values.

    Reads the exit table; raises UserError when its file is damaged.
    """
    spec = offer.spec
    table = read_table(offer.table) if offer.table.is_file() else None
    return {
        **choice(offer),
        "layers": list(offer.layers),
        "metric": spec.metrics[0],
        "policies": list(policies(regression=spec.regression)),
        "keep": KEEP,
        "examples": [dataclasses.asdict(example) for example in EXAMPLES.get(spec.name, ())],
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


def _title(record: Record, name: str, spec: TaskSpec) -> str:
    task = spec.title.partition(":")[0]
    score = units.percent(record.final.score)
    return f"{task}: {record.letters} on {record.model}, {score} at full depth ({name})"
