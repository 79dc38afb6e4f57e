"""The latency lock: while one process measures latency, no other of the same user trains.

Two locks of files, which the kernel frees however a process ends. Who works holds ``work`` shared
and lets go of it between two steps; who measures first takes ``gate``, so that nobody comes back,
then waits for ``work`` to be free. A process that was stopped or hangs lets go of nothing, so every
wait has an end.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from effexplorer import limits
from effexplorer.errors import Cancelled
from effexplorer.records.events import Report

LOCK_FOLDER = ".quiet"


class LatencyLock:
    """The lock that the workers of one home folder share; a process holds one for each run.

    Every wait raises Cancelled once ``cancelled()`` is true.
    """

    def __init__(self, home: Path, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._folder = home / LOCK_FOLDER
        self._cancelled = cancelled
        self._report: Report = lambda event: None
        self._gave_up = False
        self._held: tuple[TextIO, TextIO] | None = None  # work and gate

    @contextmanager
    def working(self, report: Report = lambda event: None) -> Iterator[None]:
        """Work here; between two steps there must be a ``pause``. Notes go to ``report``."""
        self._report = report
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "work").open("a") as work, (self._folder / "gate").open("a") as gate:
            self._held = work, gate
            self._enter(work, gate)
            try:
                yield
            finally:
                self._held = None

    def pause(self) -> None:
        """Wait while another process measures; nothing to do for one that does not work.

        Goes on when that takes longer than ``limits.LATENCY_WAIT_SECONDS``.
        """
        if self._held:
            work, gate = self._held
            fcntl.flock(work, fcntl.LOCK_UN)
            self._enter(work, gate)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Measure while all others who work here stand still.

        Where one does not within ``limits.LATENCY_WAIT_SECONDS``, measure all the same and report
        a note.
        """
        if not self._held:
            yield
            return
        work, gate = self._held
        fcntl.flock(work, fcntl.LOCK_UN)
        deadline = time.monotonic() + limits.LATENCY_WAIT_SECONDS
        closed = self._lock(gate, fcntl.LOCK_EX, deadline)
        if not (self._lock(work, fcntl.LOCK_EX, deadline) and closed):
            self._report({"kind": "note", "text": _not_quiet()})
        try:
            yield
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)
            fcntl.flock(work, fcntl.LOCK_UN)
            self._enter(work, gate)

    def _enter(self, work: TextIO, gate: TextIO) -> None:
        """Begin to work once nobody measures; who waited in vain once only looks from then on."""
        patience = 0.0 if self._gave_up else limits.LATENCY_WAIT_SECONDS
        deadline = time.monotonic() + patience
        passed = self._lock(gate, fcntl.LOCK_SH, deadline)
        fcntl.flock(gate, fcntl.LOCK_UN)
        self._gave_up = not (self._lock(work, fcntl.LOCK_SH, deadline) and passed)

    def _lock(self, file: TextIO, how: int, deadline: float) -> bool:
        """Take a lock; return whether that came about before the ``deadline``."""
        while True:
            try:
                fcntl.flock(file, how | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._cancelled():
                    raise Cancelled from None
                if time.monotonic() >= deadline:
                    return False
                time.sleep(limits.LATENCY_TICK_SECONDS)
            else:
                return True


def _not_quiet() -> str:
    return (
        "latency: measured although another run did not stand still within "
        f"{limits.LATENCY_WAIT_SECONDS:.0f} s, so the machine may not have been quiet."
    )
