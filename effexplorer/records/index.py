"""The index: what the record files of a folder hold, in one SQLite file, so that a start is quick.

It is a copy and never the truth. An entry counts only for a file of the same number, size and times
(also that of the last change of any kind), and an index of another version, or one that SQLite
cannot read, is made anew. Without one everything works, slower.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Stamp = tuple[int, int, int, int]
_LARGEST = 2**63 - 1  # of an INTEGER in SQLite
_WAIT_SECONDS = 2.0  # for another process that writes; then it is done without the index
_TABLES = """
CREATE TABLE format (text TEXT);
CREATE TABLE files (
    folder TEXT, name TEXT, inode INTEGER, size INTEGER, modified INTEGER, changed INTEGER,
    record TEXT, row TEXT, problem TEXT, PRIMARY KEY (folder, name)
);
"""


@dataclass(frozen=True)
class Entry:
    """What a file holds: a record as JSON and its one-line form as JSON, or what is wrong."""

    stamp: Stamp
    record: str = ""
    row: str = ""
    problem: str = ""


def stamp_of(status: os.stat_result) -> Stamp:
    """Return what changes whenever a file's content does, in numbers that SQLite can hold."""
    return (
        status.st_ino & _LARGEST,  # file systems such as ZFS and those of networks use 64 bits
        status.st_size & _LARGEST,
        status.st_mtime_ns & _LARGEST,
        status.st_ctime_ns & _LARGEST,
    )


class RecordIndex:
    """The entries of all folders, by the file's name; ``path`` is the SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self, folder: Path, *, rows_only: bool = False) -> Iterator[tuple[str, Entry]]:
        """Yield the entries of ``folder`` with their files' names; none where there is no index.

        With ``rows_only`` the records are left empty, which is enough for a list.
        """
        record = "''" if rows_only else "record"
        columns = f"name, inode, size, modified, changed, {record}, row, problem"
        query = f"SELECT {columns} FROM files WHERE folder = ?"  # noqa: S608 - fixed words
        with self._open() as database, contextlib.suppress(sqlite3.Error):
            for name, *rest in database.execute(query, [_key(folder)]) if database else ():
                yield name, Entry(tuple(rest[:4]), *rest[4:])

    def keep(self, folder: Path, entries: Mapping[str, Entry], gone: Iterable[str]) -> None:
        """Add ``entries`` by their files' names, and take out those of files that are ``gone``."""
        key = _key(folder)
        rows = [
            (key, name, *entry.stamp, entry.record, entry.row, entry.problem)
            for name, entry in entries.items()
        ]
        with self._open() as database, contextlib.suppress(sqlite3.Error):
            if database:
                with database:
                    database.executemany(_DELETE, [(key, name) for name in gone])
                    database.executemany(_INSERT, rows)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """Give the open index; None where it cannot be had, or another process holds it."""
        database = None
        try:
            database = self._connected() or self._anew()
        except (OSError, sqlite3.Error):
            pass
        try:
            yield database
        finally:
            if database:
                database.close()

    def _connected(self) -> sqlite3.Connection | None:
        """Return the open index if it is one, and of this version; raises where it is in use."""
        if not self.path.is_file():
            return None
        database = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        try:
            if database.execute("SELECT text FROM format").fetchall() == [(_format(),)]:
                return database
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                database.close()
                raise
        database.close()
        return None

    def _anew(self) -> sqlite3.Connection:
        """Return a new, empty index; a home folder that nothing was written to is not made."""
        self.path.unlink(missing_ok=True)
        database = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        with database:
            database.executescript(_TABLES)
            database.execute("INSERT INTO format VALUES (?)", [_format()])
        return database


@functools.cache
def _format() -> str:
    """Return what an index of another program version does not have: a hash of the rules."""
    rules = [(Path(__file__).parent / name).read_bytes() for name in _RULES]
    return hashlib.sha256(b"".join(rules)).hexdigest()


def _key(folder: Path) -> str:
    return os.fsdecode(os.path.realpath(folder))


_RULES = ("schema.py", "files.py", "checks.py", "index.py", "../plain_text.py")
_DELETE = "DELETE FROM files WHERE folder = ? AND name = ?"
_INSERT = "REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
