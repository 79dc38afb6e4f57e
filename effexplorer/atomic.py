"""Files that are there whole or not at all, whatever ends the program while they are written.

What is under way stands under a name of its own, a draft, beside the place where it will be.
Writers hold a shared lock on the folder, which the kernel frees however they end: what a killed
one left can be told from what is still being written, and is swept at the next start.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

DRAFT = ".draft-"
_DRAFTS = re.compile(r"\.draft-.*|\..*\.tmp|\.[0-9a-f]{32}")  # the latter two: of earlier versions
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def draft(folder: Path) -> Iterator[Path]:
    """Give a name in ``folder``, which is made, for a file or folder that is under way.

    What stands under it at the end, since it was not renamed, is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{DRAFT}{uuid.uuid4().hex}"
    with _writing(folder):
        try:
            yield path
        finally:
            _remove(path)


def write(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write ``content`` to ``path`` and wait until it is on the disk.

    A file that is there is replaced, or left as it is without ``replace``.
    """
    with draft(path.parent) as name:
        with name.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            name.replace(path)
        else:
            _link(name, path)
    sync_folder(path.parent)


def sweep(folder: Path) -> int:
    """Remove the drafts that killed writers left in ``folder``; return how many these were.

    While anybody writes there, nothing is removed: the next start sweeps again.
    """
    try:
        left = [path for path in folder.iterdir() if _DRAFTS.fullmatch(path.name)]
        if not left:
            return 0
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            for path in left:
                _remove(path)
    except OSError:  # no such folder, somebody writes, or it cannot be written
        return 0
    return len(left)


def sync_folder(folder: Path) -> None:
    """Wait until the names in ``folder`` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_full(error: BaseException | None) -> bool:
    """Tell whether ``error``, or one that led to it, says that the disk is full.

    Libraries that write through Rust or C++ raise errors of their own with the system's words.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if "No space left on device" in str(error) or "Disk quota exceeded" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Keep ``sweep`` away; a file system without locks is written all the same, and never swept."""
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(_locked(folder, fcntl.LOCK_SH))
        yield


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _link(name: Path, path: Path) -> None:
    """Give ``name`` to ``path`` unless that is there: a record is never written twice."""
    try:
        os.link(name, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            name.rename(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
