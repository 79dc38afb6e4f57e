"""A job: a view of the folder in which one run was asked for, told of, and ended."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

from effexplorer import limits
from effexplorer.jobs.events import EVENTS_FILE, FINAL, EventLog
from effexplorer.jobs.request import Request
from effexplorer.pipeline import Pipeline
from effexplorer.records.events import RunEvent
from effexplorer.runner.progress import Progress

CANCEL_FILE = "cancel"
HEARTBEAT_FILE = "heartbeat"  # touched by a living worker every second
QUEUED, RUNNING, DONE, FAILED, CANCELLED = STATES = ("queued", "running", *FINAL)


class Job:
    """One run: queued, running, done, failed or cancelled.

    Everything is read from the folder, so that every process that asks sees the same. A run that
    needs no job, because its record is there, has no ``request`` and is done.
    """

    def __init__(self, folder: Path, request: Request | None) -> None:
        self.id = folder.name
        self.folder = folder
        self.request = request
        self._log = EventLog(folder / EVENTS_FILE)
        self._progress = Progress()
        self._folded = 0
        self._lock = threading.Lock()

    @property
    def pipeline(self) -> Pipeline | None:
        """Return what runs, or None for a job that is known by its record alone."""
        return self.request.pipeline if self.request else None

    @property
    def attempt(self) -> tuple[str, float]:
        """Return what tells this attempt at the run from an earlier one."""
        return self.id, self.submitted

    @property
    def submitted(self) -> float:
        """Return the Unix time at which the run was asked for, 0 for a record alone."""
        return self.request.submitted if self.request else 0.0

    @property
    def owner(self) -> str:
        """Return the token of the browser that asked, ``""`` for a record alone."""
        return self.request.owner if self.request else ""

    @property
    def started(self) -> float | None:
        """Return the Unix time at which its worker began, None when none has."""
        first = self._log.first()
        return first["time"] if first and first["kind"] == "started" else None

    @property
    def state(self) -> str:
        """Return one of ``STATES``."""
        if self.request is None:
            return DONE
        kind = self._log.last_kind()
        if kind in FINAL:
            return kind
        return RUNNING if kind else QUEUED

    @property
    def finished(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.state in FINAL

    @property
    def cancelling(self) -> bool:
        """Tell whether its owner asked to stop it and it has not yet stopped."""
        return (self.folder / CANCEL_FILE).exists() and not self.finished

    def silent_seconds(self, now: float) -> float | None:
        """Return for how long the running worker gave no sign of life, None while it does.

        ``now`` is in Unix seconds. A worker that was stopped, or a machine without any time for it,
        is silent; its run goes on when it is woken.
        """
        try:
            silent = now - (self.folder / HEARTBEAT_FILE).stat().st_mtime
        except OSError:
            return None
        return silent if silent > limits.MAX_SILENT_SECONDS and self.state == RUNNING else None

    def events(self) -> list[RunEvent]:
        """Return what the run has told so far, oldest first, each with its Unix ``time``."""
        return cast("list[RunEvent]", self._log.events())

    def progress(self) -> Progress:
        """Return the events' summary; only new events are looked at."""
        with self._lock:
            events = self.events()
            self._progress = self._progress.after(events[self._folded :])
            self._folded = len(events)
            return self._progress

    def may_cancel(self, owner: str) -> bool:
        """Tell whether ``owner`` is who first asked for this run."""
        return self.request is not None and self.request.owner == owner
