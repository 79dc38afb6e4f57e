"""The latency lock: while one process measures latency, no other of the same user trains.

Two locks of files, which the kernel frees however a process ends. Who works holds ``work`` shared
and lets go of it between two steps; who measures first takes ``gate``, so that nobody comes back,
then waits for ``work`` to be free.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

LOCK_FOLDER = ".quiet"


class LatencyLock:
    """The lock that the workers of one home folder share; a process holds one for each run."""

    def __init__(self, home: Path) -> None:
        self._folder = home / LOCK_FOLDER
        self._held: tuple[TextIO, TextIO] | None = None  # work and gate

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work here; between two steps there must be a ``pause``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "work").open("a") as work, (self._folder / "gate").open("a") as gate:
            self._held = work, gate
            _enter(work, gate)
            try:
                yield
            finally:
                self._held = None

    def pause(self) -> None:
        """Wait as long as another process measures; nothing to do for one that does not work."""
        if self._held:
            work, gate = self._held
            fcntl.flock(work, fcntl.LOCK_UN)
            _enter(work, gate)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Measure while all others who work here stand still."""
        if not self._held:
            yield
            return
        work, gate = self._held
        fcntl.flock(work, fcntl.LOCK_UN)
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(work, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)
            fcntl.flock(work, fcntl.LOCK_SH)


def _enter(work: TextIO, gate: TextIO) -> None:
    fcntl.flock(gate, fcntl.LOCK_SH)
    fcntl.flock(gate, fcntl.LOCK_UN)
    fcntl.flock(work, fcntl.LOCK_SH)
