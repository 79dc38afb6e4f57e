"""What is published: runs, multi-exit models and a title, checked before any work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.inference.saved_models import SavedModel, saved_models
from effexplorer.records.store import SHIPPED, Run, Store
from effexplorer.ui.exits.model_choice import Offer, offers

_TITLE = "effexplorer"


@dataclass(frozen=True)
class Published:
    """A multi-exit model as the Early exit tab offers it, and its files."""

    offer: Offer
    saved: SavedModel


@dataclass(frozen=True)
class Plan:
    """What is published: the ``runs``, the multi-exit ``models``, and the page's ``title``."""

    runs: tuple[Run, ...]
    models: tuple[Published, ...]
    title: str
    store: Store


def plan(
    store: Store,
    *,
    tasks: Sequence[str] = (),
    models: Sequence[str] | None = None,
    title: str = _TITLE,
) -> Plan:
    """Return what is published: the runs of ``tasks``, or all, and the models with these names.

    ``models`` are names or ids of runs; None takes the shipped models of the tasks. Raises
    UserError for a task without runs, a model that is not kept, or a title that is no line.
    """
    runs = store.runs()
    there = {run.record.task for run in runs}
    for task in tasks:
        if task not in there:
            known = ", ".join(sorted(there)) or "none yet"
            raise UserError(f"task: must be one with runs ({known}); got {shown(task)}.")
    if not runs:
        raise UserError("runs: must be there to be published; got none yet.")
    if not title.strip() or not title.isprintable() or len(title) > limits.MAX_TITLE:
        raise UserError(
            f"title: must be a line of at most {limits.MAX_TITLE} characters; got {shown(title)}."
        )
    chosen = tuple(run for run in runs if not tasks or run.record.task in tasks)
    return Plan(chosen, tuple(_models(store, tasks, models)), title, store)


def _models(store: Store, tasks: Sequence[str], names: Sequence[str] | None) -> Iterator[Published]:
    saved = {model.name: model for model in saved_models()}
    kept = [Published(offer, saved[offer.name]) for offer in offers(store) if offer.answers]
    if names is None:
        for model in kept:
            if model.offer.source == SHIPPED and (not tasks or model.offer.spec.name in tasks):
                yield model
        return
    for name in dict.fromkeys(names):
        known = [model for model in kept if name and name in (model.offer.name, model.offer.run)]
        if not known:
            there = ", ".join(model.offer.name for model in kept) or "none yet"
            raise UserError(
                f"model: must be one with exits that is kept here ({there}); got {shown(name)}."
            )
        yield known[0]
