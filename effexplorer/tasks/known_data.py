"""What is known of a task's rows: read again only when the files have changed."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer.tasks.data import load_task, task_files
from effexplorer.tasks.split_cautions import split_cautions


@dataclass(frozen=True)
class _Known:
    """The state of the files, and what was made of their rows."""

    stamps: tuple[Any, ...]
    fingerprint: str
    cautions: list[str]


_known: dict[tuple[str, int | None], _Known] = {}
_lock = threading.Lock()


def known_fingerprint(task: str, train_examples: int | None) -> str:
    """Return ``load_task(task, train_examples).fingerprint``; raises what that raises.

    Reading takes seconds for a large task; after the first time a look at the files' times and
    sizes is enough.
    """
    return _look(task, train_examples).fingerprint


def known_cautions(task: str) -> list[str]:
    """Return ``split_cautions`` of all rows of a task; as quick as ``known_fingerprint``.

    Not of a number of them, which whoever types it would let be read anew with every digit.
    """
    return _look(task, None).cautions


def _look(task: str, train_examples: int | None) -> _Known:
    with _lock:
        key, stamps = (task, train_examples), tuple(map(_stamp, task_files(task)))
        if key not in _known or not stamps or _known[key].stamps != stamps:
            data = load_task(task, train_examples=train_examples)
            stamps = tuple(map(_stamp, task_files(task)))
            _known[key] = _Known(stamps, data.fingerprint, split_cautions(data))
        return _known[key]


def _stamp(path: Path) -> tuple[str, int, int, int]:
    status = os.stat(path)
    return str(path), status.st_ino, status.st_mtime_ns, status.st_size
