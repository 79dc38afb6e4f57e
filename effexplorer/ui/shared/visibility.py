"""What the browser that asks may see: not the tasks that others brought, nor anything about them.

A server that is open to others knows browsers by a cookie. On a local app everything is the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from gradio.context import LocalContext

from effexplorer.errors import UserError, shown
from effexplorer.jobs import Job, JobQueue
from effexplorer.records.store import Run, Store
from effexplorer.tasks.own import list_own
from effexplorer.tasks.registry import all_tasks
from effexplorer.tasks.spec import TASKS, TaskSpec

COOKIE = "effexplorer-owner"
SCOPE = "effexplorer.browser"  # where a request's scope holds what ``browser`` returns
TOKEN = re.compile(r"[0-9a-f]{32}")

asking: ContextVar[str | None] = ContextVar("asking", default="")
_for_all: ContextVar[bool] = ContextVar("for_all", default=False)


def browser() -> str | None:
    """Return the token of the browser that asks, "" where it has none, None if it may see all.

    A listener runs in a task of Gradio's queue, not in that of its request, which Gradio keeps.
    """
    if _for_all.get():
        return None
    request = LocalContext.request.get(None)
    if request is None:
        return asking.get()
    token: str | None = getattr(request, "request", request).scope.get(SCOPE, "")
    return token


@contextmanager
def everything() -> Iterator[None]:
    """Let a computation for all browsers see all; what it gives a browser is filtered later."""
    before = _for_all.set(True)
    try:
        yield
    finally:
        _for_all.reset(before)


def sees(task: str) -> bool:
    """Tell whether the browser that asks may see the task called ``task``, and runs on it.

    A task of one's own that was removed has no owner any more: others do not see its runs.
    """
    return browser() is None or task in visible_tasks()


def visible_tasks() -> dict[str, TaskSpec]:
    """Return by name the tasks that the browser that asks may see."""
    token = browser()
    if token is None:
        return all_tasks()
    return TASKS | {task.spec.name: task.spec for task in list_own() if task.owner in ("", token)}


def check_task(name: object) -> None:
    """Raise UserError, as for a task that does not exist, unless the browser may see it."""
    if not isinstance(name, str) or not sees(name):
        listed = ", ".join(visible_tasks())
        raise UserError(f"task: must be one of {listed}; got {shown(name)}.")


def find_job(job_queue: JobQueue, id: str) -> Job | None:
    """Return the job with this id, if one was asked for that the browser may see.

    A run of which a record is all there is was asked for by nobody here.
    """
    job = job_queue.find(id)
    return job if job and job.pipeline and sees(job.pipeline.task) else None


class VisibleStore(Store):
    """A store that shows every browser the runs that it may see."""

    def runs(self, *, explored: bool = False) -> list[Run]:
        """Return what ``Store.runs`` does, without runs on the tasks that others brought."""
        runs = super().runs(explored=explored)
        seen = {task: sees(task) for task in {run.record.task for run in runs}}
        return [run for run in runs if seen[run.record.task]]

    def rows(self, *, explored: bool = False) -> tuple[list[dict[str, Any]], list[str]]:
        """Return what ``Store.rows`` does, without runs on the tasks that others brought."""
        rows, problems = super().rows(explored=explored)
        return [row for row in rows if sees(row["task"])], problems
