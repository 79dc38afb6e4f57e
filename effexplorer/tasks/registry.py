"""Every task that a person can pick: those that come with the program, and the user's own."""

from __future__ import annotations

from effexplorer.errors import UserError
from effexplorer.tasks.own import own_tasks
from effexplorer.tasks.spec import TASKS, TaskSpec


def all_tasks() -> dict[str, TaskSpec]:
    """Return the tasks by name; the user's own follow, in the order of their names."""
    return TASKS | own_tasks()


def find_task(name: str) -> TaskSpec:
    """Return the task called ``name``; raises UserError listing all when there is none."""
    spec = TASKS.get(name) or own_tasks().get(name)
    if spec is None:
        raise UserError(f"task: must be one of {', '.join(all_tasks())}; got {str(name)[:40]}.")
    return spec
