"""The description of a user's own task: one JSON file, checked value by value when it is read."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.plain_text import escaped_text
from effexplorer.tasks.scores import SCORES
from effexplorer.tasks.spec import TASKS, TaskSpec

DESCRIPTION = "task.json"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MAX_BYTES = 1024**2  # 200 names of classes have 12 kB


@dataclass(frozen=True)
class OwnTask:
    """A task of the user's: its spec, its data's fingerprint and source, and who may see it.

    ``rows`` are those of the training and of the validation table. ``owner`` is the token of the
    browser that brought it to a server that is open to others, else "".
    """

    spec: TaskSpec
    fingerprint: str
    source: str
    rows: tuple[int, int]
    created: str
    owner: str = ""


def write_description(own: OwnTask, folder: Path) -> None:
    """Write the description of a task into its new ``folder``."""
    folder.mkdir(parents=True)
    plain = dataclasses.asdict(own)
    (folder / DESCRIPTION).write_text(json.dumps(plain, indent=1, ensure_ascii=False), "utf-8")
    sync(folder / DESCRIPTION)


def read_description(folder: Path) -> OwnTask:
    """Return the task that stands in ``folder``; raises UserError when it is none."""
    path = folder / DESCRIPTION
    try:
        status = path.stat()
        if not path.is_file() or status.st_size > _MAX_BYTES:
            raise ValueError("one that is too large or no file")
        key = (status.st_ino, status.st_mtime_ns, status.st_size)
        if path not in _read or _read[path][0] != key:
            _read[path] = (key, _task(json.loads(path.read_text("utf-8")), folder.name))
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise UserError(
            f"{folder.name[:60]}: must hold a readable {DESCRIPTION}; got {str(error)[:80]}."
        ) from error
    return _read[path][1]


_read: dict[Path, tuple[tuple[int, int, int], OwnTask]] = {}


def _task(plain: dict[str, Any], name: str) -> OwnTask:
    """Return the task that a description's JSON holds; every value that is used is checked."""
    spec = plain["spec"]
    rows = [int(count) for count in plain["rows"]]
    low, high = (float(bound) for bound in spec["scale"])
    texts, labels, metrics = (tuple(map(str, spec[key])) for key in ("text", "labels", "metrics"))
    length, epochs, trained = (
        int(spec["max_length"]),
        float(spec["epochs"]),
        int(spec["train_rows"]),
    )
    right = (
        spec["name"] == name
        and NAME.fullmatch(name)
        and name not in TASKS
        and len(texts) in (1, 2)
        and len(labels) != 1
        and len(set(labels)) == len(labels) <= limits.MAX_CLASSES
        and metrics
        and set(metrics) <= set(SCORES)
        and limits.MIN_TASK_LENGTH <= length <= limits.MAX_TASK_LENGTH
        and 0 < epochs <= limits.MAX_EPOCHS
        and math.isfinite(low)
        and math.isfinite(high)
        and len(rows) == 2
        and min(*rows, trained) > 0
    )
    if not right:
        raise ValueError("values that are none of a task's")
    return OwnTask(
        TaskSpec(
            name,
            str(spec["title"]),
            texts,
            labels,
            metrics,
            max_length=length,
            epochs=epochs,
            scale=(low, high),
            train_rows=trained,
        ),
        str(plain["fingerprint"]),
        escaped_text(str(plain["source"])),
        (rows[0], rows[1]),
        str(plain["created"]),
        str(plain["owner"]),
    )


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
