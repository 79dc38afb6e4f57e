"""Files of unknown origin, read up to a bound: regular files only, at most that many bytes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path, limit: int) -> BinaryIO:
    """Open ``path`` for reading.

    Raises ValueError when it is not a regular file (a device, a pipe, a folder) or has more than
    ``limit`` bytes, and OSError when it cannot be opened. A pipe that nobody writes to does not
    hold the caller.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(
                f"must be a regular file; got {_KINDS.get(stat.S_IFMT(status.st_mode), 'another')}"
            )
        if status.st_size > limit:
            raise ValueError(f"must be at most {limit} bytes; got {status.st_size}")
        return os.fdopen(descriptor, "rb")
    except (OSError, ValueError):
        os.close(descriptor)
        raise


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of ``path``; raises what ``open_regular`` raises."""
    with open_regular(path, limit) as file:
        content = file.read(limit + 1)
    if len(content) > limit:  # it grew in between
        raise ValueError(f"must be at most {limit} bytes; got more")
    return content


def read_text(path: Path, limit: int) -> str:
    """Return the content of ``path`` as UTF-8; raises what ``open_regular`` raises."""
    return read_bytes(path, limit).decode("utf-8")


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
