"""The user's own tasks: each a folder in their data folder, with a description and two tables.

A task's folder is put in place as a whole and never changed, so it is read again only when another
stands there.
"""

from __future__ import annotations

import contextlib
import datetime
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from effexplorer import home, limits
from effexplorer.errors import UserError
from effexplorer.plain_text import escaped_text
from effexplorer.tasks.own_description import (
    NAME,
    OwnTask,
    read_description,
    sync,
    write_description,
)
from effexplorer.tasks.parquet import Columns, read_parquet, write_parquet
from effexplorer.tasks.spec import TASKS, TaskSpec
from effexplorer.tasks.split import Split, fingerprint


def check_name(name: str) -> None:
    """Raise UserError unless ``name`` can be that of a new task."""
    if not NAME.fullmatch(name) or len(name) > limits.MAX_TASK_NAME:
        raise UserError(
            f"task: a name must be 1 to {limits.MAX_TASK_NAME} of a-z, 0-9, - and _; "
            f"got {name[:60] or 'nothing'}."
        )
    if name in TASKS:
        raise UserError(f"task: a name must not be one of {', '.join(TASKS)}; got {name}.")
    if (home.tasks_folder() / name).exists():
        raise UserError(f"task: a name must not be taken; got {name}. Remove that task first.")


def own_tasks() -> dict[str, TaskSpec]:
    """Return the user's own tasks by name; what cannot be read is left out."""
    return {task.spec.name: task.spec for task in list_own()}


def list_own() -> list[OwnTask]:
    """Return the user's own tasks in the order of their names, those that can be read."""
    tasks = []
    for folder in _folders():
        with contextlib.suppress(UserError):
            tasks.append(read_description(folder))
    return tasks


def own_problems() -> list[str]:
    """Return a sentence for each folder of a task that cannot be read."""
    problems = []
    for folder in _folders():
        try:
            read_description(folder)
        except UserError as error:
            problems.append(str(error))
    return problems


def find_own(name: str) -> OwnTask:
    """Return the user's task called ``name``; raises UserError when there is none."""
    tasks = {task.spec.name: task for task in list_own()}
    if name not in tasks:
        listed = ", ".join(tasks) or "none yet"
        raise UserError(f"task: must be one of your own ({listed}); got {name[:40]}.")
    return tasks[name]


def own_available(spec: TaskSpec) -> str | None:
    """Return why the task's data cannot be had here, in one sentence, or None; reads no data."""
    missing = [path.name for path in _tables(spec) if not path.is_file()]
    return _damaged(spec, f"no {missing[0]}") if missing else None


def own_files(spec: TaskSpec) -> list[Path]:
    """Return the task's tables, as far as they are here."""
    return [path for path in _tables(spec) if path.is_file()]


def read_own(spec: TaskSpec) -> tuple[Columns, Columns, str]:
    """Return the columns of the two tables, and their source in words.

    Raises UserError when the task is not here, or its tables are not those that were added.
    """
    own = find_own(spec.name)
    problem = own_available(spec)
    if problem:
        raise UserError(problem)
    train, validation = (read_parquet(spec.name, path) for path in _tables(spec))
    wanted = (*spec.text, "label")
    if set(wanted) <= set(train) & set(validation):
        splits = [
            Split(tuple(columns[name] for name in spec.text), columns["label"])
            for columns in (train, validation)
        ]
        if fingerprint(*splits) == own.fingerprint:
            return train, validation, own.source
    raise UserError(_damaged(spec, "others"))


def keep_task(
    spec: TaskSpec, train: Split, validation: Split, sources: Sequence[str], *, owner: str = ""
) -> OwnTask:
    """Copy a task's data into the user's data folder, as a whole or not at all; return it.

    ``sources`` are the names of the files that they come from. Raises UserError for a name that
    is taken or none, for more tasks than are kept, and for a folder that cannot be written.
    """
    check_name(spec.name)
    if len(_folders()) >= limits.MAX_TASKS:
        raise UserError(f"task: at most {limits.MAX_TASKS} of one's own can be kept; got one more.")
    own = OwnTask(
        spec,
        fingerprint(train, validation),
        escaped_text(f"file {' and '.join(sources)}"),
        (len(train), len(validation)),
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        owner,
    )
    draft = home.tasks_folder() / f".{uuid.uuid4().hex}"
    try:
        write_description(own, draft)
        for split, path in zip((train, validation), _tables(spec), strict=True):
            columns = dict(zip(spec.text, split.texts, strict=True)) | {"label": split.labels}
            write_parquet(columns, draft / path.name)
            sync(draft / path.name)
        draft.rename(home.tasks_folder() / spec.name)
        sync(home.tasks_folder())
    except OSError as error:
        raise UserError(
            f"EFFEXPLORER_HOME: must be a folder that can be written; got {home.home()} "
            f"({error.strerror})."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return own


def describe_task(spec: TaskSpec) -> None:
    """Make a task known here without its tables, where its data are sent along; once is enough."""
    folder = home.tasks_folder() / spec.name
    if spec.name not in TASKS and not folder.exists():
        rows = spec.train_rows or 1
        write_description(OwnTask(spec, "", "sent along", (rows, rows), ""), folder)


def remove_task(name: str) -> None:
    """Take the user's task called ``name`` away; its runs stay. Raises UserError if it is none."""
    known = {folder.name: folder for folder in _folders()}
    if name not in known:
        find_own(name)
        return
    gone = home.tasks_folder() / f".{uuid.uuid4().hex}"
    known[name].rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _folders() -> list[Path]:
    root = home.tasks_folder()
    if not root.is_dir():
        return []
    return sorted(
        folder for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )


def _tables(spec: TaskSpec) -> tuple[Path, Path]:
    folder = home.tasks_folder() / spec.name
    return folder / "train.parquet", folder / f"{spec.validation}.parquet"


def _damaged(spec: TaskSpec, got: str) -> str:
    return (
        f"{spec.name}: its tables must be as they were added; got {got}. "
        f"Remove the task and add it again."
    )
