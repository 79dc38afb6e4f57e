"""The store: the records of several folders, read once, bad files named and skipped."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.records.files import from_json, read_record
from effexplorer.records.index import Entry, RecordIndex, Stamp, stamp_of
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX, Record

SHIPPED = "shipped"
HERE = "here"


@dataclass(frozen=True)
class Run:
    """A record and where it comes from: ``shipped`` or measured ``here``."""

    record: Record
    source: str

    def row(self) -> dict[str, Any]:
        """Return the record's one-line form with its source."""
        return self.record.row(self.source)


class Store:
    """Finished runs from folders of JSON files, each folder with the name of its source.

    Files are read again only when they changed, so a look costs one ``stat`` each; what an earlier
    process read is taken from ``index``.
    """

    def __init__(self, folders: dict[str, Path], index: RecordIndex | None = None) -> None:
        self.folders = folders
        self._index = index
        self._seen: dict[Path, dict[str, tuple[Stamp, Record | str]]] = {}
        self._sorted: dict[bool, list[Run]] = {}
        self._changes = 0
        self._lock = threading.RLock()

    def runs(self, *, explored: bool = False) -> list[Run]:
        """Return all readable runs, oldest first; of two with one id, the one measured here.

        Runs that a search explored, on held-out rows, are left out; ``explored`` returns them
        alone, since their scores do not compare with those of other runs.
        """
        with self._lock:
            self._look()
            if explored not in self._sorted:
                by_id = {
                    content.id: Run(content, source)
                    for source, folder in self.folders.items()
                    for _, content in self._seen.get(folder, {}).values()
                    if isinstance(content, Record) and content.explored == explored
                }
                order = sorted(by_id.values(), key=lambda run: (run.record.created, run.record.id))
                self._sorted[explored] = order
            return list(self._sorted[explored])

    def changes(self) -> int:
        """Return a number that grows whenever a file appears, changes or goes."""
        with self._lock:
            self._look()
            return self._changes

    def problems(self) -> list[str]:
        """Return one sentence for each file that was skipped."""
        with self._lock:
            self._look()
            files = [file for seen in self._seen.values() for file in seen.values()]
            return [content for _, content in files if isinstance(content, str)]

    def find(self, id: str) -> Run | None:
        """Return the run with this id, explored or not, or None."""
        runs = (*self.runs(), *self.runs(explored=True))
        return next((run for run in runs if run.record.id == id), None)

    def record(self, id: str) -> Record | None:
        """Return the record of the run with this id, or None."""
        run = self.find(id)
        return run.record if run else None

    def rows(self, *, explored: bool = False) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the one-line forms of ``runs`` and the ``problems``, without opening records.

        That is all that a list needs, and a tenth of the work.
        """
        by_id: dict[str, dict[str, Any]] = {}
        problems = []
        for source, folder in self.folders.items():
            for entry in self._entries(folder):
                if entry.problem:
                    problems.append(entry.problem)
                    continue
                row = json.loads(entry.row)
                if row.pop("explored") == explored:
                    by_id[row["id"]] = row | {"source": source}
        rows = sorted(by_id.values(), key=lambda row: (row["created"], row["id"]))
        for row in rows:
            del row["created"]
        return rows, problems

    def delete(self, id: str) -> None:
        """Remove the record, the answers and the exit table of a run that was measured here.

        A shipped run with the same id is seen again. Raises UserError for a run that is shipped
        only, and where there is none.
        """
        run = self.find(id)
        if run is None:
            raise UserError(f"delete: must name a finished run; got {str(id)[:40]}.")
        if run.source != HERE:
            raise UserError(f"delete: must name a run measured here; got {id}, which is shipped.")
        record = self.folders[HERE] / f"{id}.json"
        with self._lock:
            record.unlink(missing_ok=True)
            record.with_name(f"{id}{EXIT_TABLE_SUFFIX}").unlink(missing_ok=True)
            record.with_name(f"{id}{ANSWERS}").unlink(missing_ok=True)

    def _look(self) -> None:
        """Bring what was seen up to what is there."""
        for folder in self.folders.values():
            seen, there = self._seen.setdefault(folder, {}), _files(folder)
            gone = [name for name in seen if name not in there]
            new = {
                name: stamp
                for name, stamp in there.items()
                if name not in seen or seen[name][0] != stamp
            }
            if not gone and not new:
                continue
            self._sorted.clear()
            self._changes += 1
            for name in gone:
                del seen[name]
            for name, entry in self._known(folder, new):
                seen[name] = (entry.stamp, entry.problem or from_json(entry.record))
                del new[name]
            read = {name: (stamp, _read(folder / name)) for name, stamp in new.items()}
            seen |= read
            self._keep(folder, read, gone)

    def _known(
        self, folder: Path, wanted: dict[str, Stamp], *, rows_only: bool = False
    ) -> Iterator[tuple[str, Entry]]:
        """Yield what the index has of the files ``wanted`` as they are now."""
        if self._index is None or not wanted:
            return
        for name, entry in self._index.entries(folder, rows_only=rows_only):
            if wanted.get(name) == entry.stamp:
                yield name, entry

    def _entries(self, folder: Path) -> Iterator[Entry]:
        """Yield the entry of each file, without the record, once the index is up to date."""
        there = _files(folder)
        known = dict(self._known(folder, there, rows_only=True))
        new = {
            name: (stamp, _read(folder / name))
            for name, stamp in there.items()
            if name not in known
        }
        self._keep(folder, new, ())
        yield from known.values()
        for stamp, content in new.values():
            yield _entry(stamp, content)

    def _keep(
        self, folder: Path, read: dict[str, tuple[Stamp, Record | str]], gone: Sequence[str]
    ) -> None:
        if self._index is not None and (read or gone):
            self._index.keep(folder, {name: _entry(*file) for name, file in read.items()}, gone)


def _files(folder: Path) -> dict[str, Stamp]:
    """Return the JSON files of ``folder`` in the order of their names, with their stamps."""
    paths = {}
    try:
        with os.scandir(folder) as files:
            for file in files:
                if file.name.endswith(".json") and not file.name.startswith("."):
                    try:
                        paths[file.name] = stamp_of(os.stat(file))
                    except OSError:  # it was removed in between, or links to nothing
                        paths[file.name] = (0, 0, 0, 0)
    except OSError:  # no such folder
        return {}
    return dict(sorted(paths.items()))


def _entry(stamp: Stamp, content: Record | str) -> Entry:
    if isinstance(content, str):
        return Entry(stamp, problem=content)
    row = content.row("") | {"created": content.created, "explored": content.explored}
    return Entry(stamp, content.to_json(indent=None), json.dumps(row))


def _read(path: Path) -> Record | str:
    try:
        record = read_record(path)
    except UserError as error:
        return str(error)
    if path.stem != record.id:
        return f"{path.name}: not a run's record: its id must be the file's name; got {record.id}."
    return record


def open_store(kind: type[Store] = Store) -> Store:
    """Return the shipped runs and those measured on this machine, as a store of this ``kind``."""
    folders = {SHIPPED: home.precomputed_folder() / "runs", HERE: home.runs_folder()}
    return kind(folders, RecordIndex(home.home() / "records.sqlite"))
