"""Add your data: a file of labelled texts that a browser brings, looked at and made a task.

A file is kept until it is a task, another one of the same browser comes, or the app ends. On a
server that is open to others nothing is taken unless its owner said so, and a task is seen by the
browser that brought it alone.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from effexplorer import home, limits
from effexplorer.errors import UserError, shown
from effexplorer.tasks.label_values import METRICS
from effexplorer.tasks.own import check_name, keep_task, list_own, remove_task
from effexplorer.tasks.prepare import Wishes, prepare
from effexplorer.tasks.scores import score_words
from effexplorer.tasks.table_file import SUFFIXES, read_table_file
from effexplorer.ui.build.own_data import looked
from effexplorer.ui.shared.visibility import browser

PATH = "/own-data"
OFF = (
    "own data: this server takes none; its owner can start it with --uploads, or you can run "
    "effexplorer on your own machine."
)

Answer = dict[str, Any]


@dataclass(frozen=True)
class _Kept:
    """A file that was brought, its own name, and the browser that may use it."""

    path: Path
    name: str
    owner: str


class Uploads:
    """The files that browsers brought, in a folder that is emptied when the app starts."""

    def __init__(self, *, allowed: bool) -> None:
        self.allowed = allowed
        self._files: dict[str, _Kept] = {}
        self._turn = threading.Lock()  # a table may fill much of the memory: one at a time
        self._places = threading.BoundedSemaphore(limits.MAX_UPLOADS_AT_ONCE)
        shutil.rmtree(home.uploads_folder(), ignore_errors=True)

    def about(self) -> Answer:
        """Return whether files are taken, of which kinds, and the tasks that this browser brought.

        On a local app these are all of the user's own tasks.
        """
        return {
            "refusal": None if self.allowed else OFF,
            "suffixes": list(SUFFIXES),
            "max_bytes": limits.MAX_UPLOAD_BYTES,
            "metrics": {name: score_words(scores[0]) for name, scores in METRICS.items()},
            "tasks": _own_names(),
        }

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the few places of requests that are worked on; raises UserError for none.

        Who waits for another's table would hold a thread that the rest of the app needs.
        """
        if not self._places.acquire(blocking=False):
            raise UserError(
                f"own data: must wait; {limits.MAX_UPLOADS_AT_ONCE} other files are being read."
            )
        try:
            yield
        finally:
            self._places.release()

    async def take(self, request: Request) -> Answer:
        """Keep the file in the body of ``request``, named by its query, and look at it."""
        name, owner = Path(request.query_params.get("name", "")).name[:100], _owner()
        if Path(name).suffix.lower() not in SUFFIXES:
            raise UserError(f"own data: must end in one of {', '.join(SUFFIXES)}; got {name}.")
        folder = home.uploads_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid.uuid4().hex
        try:
            with path.open("wb") as file:
                size = 0
                async for part in request.stream():
                    size += len(part)
                    if size > limits.MAX_UPLOAD_BYTES:
                        raise UserError(
                            f"own data: must have at most {limits.MAX_UPLOAD_BYTES // 1024**2} "
                            "MB; got more. The command task add takes larger files."
                        )
                    file.write(part)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise UserError(
                f"own data: must fit on the server's disk; got {error.strerror}."
            ) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._keep(_Kept(path, name, owner))
        return await run_in_threadpool(self.look, {"file": path.name})

    def look(self, asked: Answer) -> Answer:
        """Return what a task of the file would be: columns, ten rows, label counts, problems."""
        with self._turn:
            kept, wishes = self._kept(asked), _wishes(asked)
            table = read_table_file(kept.path, kept.name)
            return {"file": kept.path.name, "name": kept.name} | looked(table, wishes)

    def add(self, asked: Answer) -> Answer:
        """Make the file a task of the name that is asked for, and return that name."""
        name = asked.get("task")
        if not isinstance(name, str):
            raise UserError(f"task: a name must be text; got {shown(name)}.")
        check_name(name)
        owner = _owner()
        mine = sum(bool(owner) and own.owner == owner for own in list_own())
        if mine >= limits.MAX_TASKS_PER_OWNER:
            raise UserError(
                f"own data: a browser can keep {limits.MAX_TASKS_PER_OWNER} tasks; got one more. "
                "Remove one first."
            )
        with self._turn:
            kept = self._kept(asked)
            table = read_table_file(kept.path, kept.name)
            prepared = prepare(name, table, None, _wishes(asked))
            splits = (prepared.train, prepared.validation)
            keep_task(prepared.spec, *splits, [kept.name], owner=owner)
            self._drop(kept.path.name)
        return {"task": name}

    def remove(self, asked: Answer) -> Answer:
        """Remove a task that this browser brought; its runs stay."""
        name = asked.get("task")
        if name not in _own_names():
            raise UserError(f"task: must be one that you added; got {shown(name)}.")
        remove_task(str(name))
        return {"removed": name}

    def _keep(self, kept: _Kept) -> None:
        """Keep a file instead of an earlier one of its browser; the oldest of too many leaves."""
        for id, other in list(self._files.items()):
            if other.owner == kept.owner and kept.owner:
                self._drop(id)
        while len(self._files) >= limits.MAX_OPEN_UPLOADS:
            self._drop(next(iter(self._files)))
        self._files[kept.path.name] = kept

    def _kept(self, asked: Answer) -> _Kept:
        kept = self._files.get(str(asked.get("file")))
        if kept is None or kept.owner != _owner() or not kept.path.is_file():
            raise UserError("own data: the file must still be here; got none. Choose it again.")
        return kept

    def _drop(self, id: str) -> None:
        kept = self._files.pop(id, None)
        if kept:
            kept.path.unlink(missing_ok=True)


def _own_names() -> list[str]:
    """Return the tasks that this browser brought: on a local app all of the user's own.

    None for one without a cookie, whose tasks would be those that the server's owner added.
    """
    token = browser()
    if token == "":
        return []
    return [own.spec.name for own in list_own() if token in (None, own.owner)]


def _owner() -> str:
    """Return the browser's token, "" on a local app; raises UserError for one without."""
    token = browser()
    if token == "":
        raise UserError("own data: must come from a browser that keeps cookies; got none.")
    return token or ""


def _wishes(asked: Answer) -> Wishes:
    texts = {name: asked.get(name, "") for name in ("text", "pair", "label", "metric")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise UserError(f"{name}: must be text; got {shown(value)}.")
    length, skip = asked.get("max_length", Wishes.max_length), asked.get("skip_bad_rows", False)
    if not isinstance(length, int) or isinstance(length, bool):
        raise UserError(f"max_length: must be a whole number; got {shown(length)}.")
    return Wishes(**texts, max_length=length, skip_bad_rows=skip is True)
