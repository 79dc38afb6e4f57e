"""A task of a file of labelled texts, added when it is not there yet."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from effexplorer import limits
from effexplorer.tasks.own import keep_task, list_own
from effexplorer.tasks.prepare import Wishes, prepare
from effexplorer.tasks.spec import TASKS, TaskSpec
from effexplorer.tasks.split import fingerprint
from effexplorer.tasks.table_file import read_table_file


def task_of_file(path: Path, wishes: Wishes | None = None) -> str:
    """Return the name of the user's task with the texts and labels of the file ``path``.

    A task with the same rows, columns, metrics and lengths is taken as it is; else the file is
    added under its own name, with a number behind it where another task has that. Raises UserError
    for a file that is no task.
    """
    table = read_table_file(path)
    plain = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "data"
    name = plain[: limits.MAX_TASK_NAME - 4].strip("-")
    name = f"my-{name}"[: limits.MAX_TASK_NAME - 4] if name in TASKS else name
    prepared = prepare(name, table, None, wishes or Wishes())
    rows, there = fingerprint(prepared.train, prepared.validation), list_own()
    for own in there:
        if own.fingerprint == rows and _nameless(own.spec) == _nameless(prepared.spec):
            return own.spec.name
    taken = {own.spec.name for own in there}
    names = [name, *(f"{name}-{number}" for number in range(2, limits.MAX_TASKS + 2))]
    free = next(name for name in names if name not in taken)
    title = prepared.spec.title.replace(name, free, 1)
    spec = dataclasses.replace(prepared.spec, name=free, title=title)
    return keep_task(spec, prepared.train, prepared.validation, [table.name]).spec.name


def _nameless(spec: TaskSpec) -> TaskSpec:
    return dataclasses.replace(spec, name="", title="")
