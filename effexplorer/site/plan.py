"""What is published: runs, multi-exit models and a title, checked before any work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.inference.saved_models import SavedModel, find_exits, saved_models
from effexplorer.records.store import SHIPPED, Run, Store

_TITLE = "effexplorer"


@dataclass(frozen=True)
class Plan:
    """What is published: the ``runs``, the multi-exit ``models``, and the page's ``title``."""

    runs: tuple[Run, ...]
    models: tuple[SavedModel, ...]
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
    if models is None:
        wanted = tuple(
            model
            for model in saved_models()
            if model.source == SHIPPED and (not tasks or model.task in tasks)
        )
    else:
        wanted = tuple(find_exits(name) for name in dict.fromkeys(models))
    return Plan(chosen, wanted, title, store)
