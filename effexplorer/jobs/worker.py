"""The worker: the process that does one job's run and tells of it in the job's folder.

Started by the job queue as ``python -m effexplorer.jobs.worker FOLDER``.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from effexplorer import home, limits
from effexplorer.error_report import failure_sentence
from effexplorer.errors import Cancelled
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.job import CANCEL_FILE, HEARTBEAT_FILE
from effexplorer.jobs.process import LOG_FILE
from effexplorer.jobs.request import read_request
from effexplorer.records.events import RunEvent


def main(folder: Path, run: Callable[..., Any] | None = None) -> int:
    """Do the run that ``folder`` asks for; return 0 when it came to its end, else 1.

    ``run`` is ``effexplorer.runner.run``, unless another is given. Whatever happens, the last
    event says how it ended.
    """
    events = folder / EVENTS_FILE
    start_heartbeat(folder)
    try:
        append_event(events, {"kind": "started", "pid": os.getpid()})
        request = read_request(folder)
        record = (run or _own_run())(
            request.pipeline,
            runs_folder=home.runs_folder(),
            report=Reporter(events),
            cancelled=(folder / CANCEL_FILE).exists,
        )
    except Exception as error:
        end(events, last_word(error, folder / LOG_FILE))
        return 1
    end(events, {"kind": "done", "id": record.id})
    return 0


def start_heartbeat(folder: Path) -> None:
    """Let a thread show in the job's ``folder``, as long as this process lives, that it does."""
    threading.Thread(target=_beat, args=(folder / HEARTBEAT_FILE,), daemon=True).start()


def _beat(heartbeat: Path) -> None:
    """Show every second that this process lives, even where the disk is full for a while."""
    while True:
        with suppress(OSError):
            heartbeat.touch()
        time.sleep(limits.HEARTBEAT_SECONDS)


def _own_run() -> Callable[..., Any]:
    from effexplorer.runner import run

    return run


class Reporter:
    """Writes a run's events to the job's file; progress events only every so often."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._latest = -limits.PROGRESS_SECONDS

    def __call__(self, event: RunEvent) -> None:
        """Write ``event``; progress that comes too soon is dropped, unless it is a stage's last.

        No progress is written any more once the file has its largest size.
        """
        if event["kind"] == "progress":
            now = self._clock()
            soon = now - self._latest < limits.PROGRESS_SECONDS and event["done"] < event["total"]
            if soon or self._path.stat().st_size > limits.MAX_EVENT_BYTES:
                return
            self._latest = now
        append_event(self._path, event)


def end(events: Path, event: RunEvent) -> None:
    """Write the last event; where a full disk has no room for it, the scheduler gives it later."""
    with suppress(OSError):
        append_event(events, event)


def last_word(error: Exception, log: Path) -> RunEvent:
    """Return the event that ends a run stopped by ``error``."""
    if isinstance(error, Cancelled):
        return {"kind": "cancelled"}
    return {"kind": "failed", "text": failure_sentence(error, log)}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
