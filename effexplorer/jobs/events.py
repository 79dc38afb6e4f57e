"""Events: what a run tells, one JSON object a line, appended by one process and read by many."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

EVENTS_FILE = "events.jsonl"
FINAL = ("done", "failed", "cancelled")


def append_event(
    path: Path, event: Mapping[str, object], clock: Callable[[], float] = time.time
) -> None:
    """Append ``event`` with its time to the file; numbers that are not finite become null.

    A line that a killed process left unfinished is closed first, so that it spoils only itself.
    """
    plain = {name: _finite(value) for name, value in event.items()} | {"time": clock()}
    with path.open("a+b") as file:
        line = json.dumps(plain).encode() + b"\n"
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            line = line if file.read(1) == b"\n" else b"\n" + line
        file.write(line)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


class EventLog:
    """The events of one file; each look reads only what was appended since the last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._events: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def events(self) -> list[dict[str, Any]]:
        """Return all whole events so far, oldest first; what is not one is skipped."""
        with self._lock:
            self._read_on()
            return list(self._events)

    def first(self) -> dict[str, Any] | None:
        """Return the oldest event, or None."""
        with self._lock:
            self._read_on()
            return self._events[0] if self._events else None

    def last_kind(self) -> str:
        """Return the kind of the newest event, or ``""``."""
        with self._lock:
            self._read_on()
            return self._events[-1]["kind"] if self._events else ""

    def _read_on(self) -> None:
        try:
            if self._path.stat().st_size <= self._offset:
                return
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._events.extend(filter(None, map(_event, whole.splitlines())))


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("kind"), str) else None
