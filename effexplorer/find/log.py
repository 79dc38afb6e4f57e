"""The log of a search: its request and its events in a folder, which one process appends to."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.find.request import Request
from effexplorer.find.state import Event
from effexplorer.jobs.events import EVENTS_FILE, EventLog, append_event

REQUEST, LOCK = "request.json", "lock"
_PASSING = ("progress",)  # told while it lasts, and of no use afterwards


class SearchLog:
    """The events of one search, oldest first; ``append`` adds one that is worth keeping."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def events(self) -> list[Event]:
        """Return what was kept; a line that a crash left unfinished is passed over."""
        return EventLog(self.folder / EVENTS_FILE).events()

    def append(self, event: Event) -> None:
        """Append ``event`` with the time, unless it is passing."""
        if event["kind"] not in _PASSING:
            append_event(self.folder / EVENTS_FILE, event)

    def request(self) -> Request:
        """Return what the search was last asked for; raises UserError when that is not readable."""
        try:
            return Request.from_dict(json.loads((self.folder / REQUEST).read_text("utf-8")))
        except (OSError, ValueError) as error:
            name = self.folder.name
            raise UserError(f"find: must be a search of this machine; got {name}.") from error


@contextmanager
def open_log(request: Request) -> Iterator[SearchLog]:
    """Give the log of ``request``, of a new search or of one that is to go on.

    Raises UserError when another process is at it.
    """
    folder = home.searches_folder() / request.key
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                f"find: a search must run once at a time; got {request.key}, which is running."
            ) from error
        draft = folder / f".{REQUEST}"
        draft.write_text(json.dumps(request.to_dict(), indent=1), "utf-8")
        draft.rename(folder / REQUEST)
        yield SearchLog(folder)
