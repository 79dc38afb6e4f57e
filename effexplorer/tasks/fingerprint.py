"""The fingerprint of a task's data, read again only when the files have changed."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from effexplorer.tasks.data import load_task, task_files

_known: dict[tuple[str, int | None], tuple[tuple[Any, ...], str]] = {}
_lock = threading.Lock()


def known_fingerprint(task: str, train_examples: int | None) -> str:
    """Return ``load_task(task, train_examples).fingerprint``; raises what that raises.

    Reading takes seconds for a large task; after the first time a look at the files' times and
    sizes is enough.
    """
    with _lock:
        key, stamps = (task, train_examples), tuple(map(_stamp, task_files(task)))
        if not stamps or _known.get(key, (None,))[0] != stamps:
            data = load_task(task, train_examples=train_examples)
            _known[key] = (tuple(map(_stamp, task_files(task))), data.fingerprint)
        return _known[key][1]


def _stamp(path: Path) -> tuple[str, int, int, int]:
    status = os.stat(path)
    return str(path), status.st_ino, status.st_mtime_ns, status.st_size
