"""The store: the records of several folders, read once, bad files named and skipped."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.records.files import read_record
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

    Files are read again only when their time or size changed, so a look costs one ``stat`` each.
    """

    def __init__(self, folders: dict[str, Path]) -> None:
        self.folders = folders
        self._seen: dict[Path, tuple[tuple[int, int], Record | str]] = {}
        self._lock = threading.Lock()

    def runs(self, *, explored: bool = False) -> list[Run]:
        """Return all readable runs, oldest first; of two with one id, the one measured here.

        Runs that a search explored, on held-out rows, are left out; ``explored`` returns them
        alone, since their scores do not compare with those of other runs.
        """
        found: dict[str, Run] = {}
        for source, _, content in self._look():
            if isinstance(content, Record) and content.explored == explored:
                found[content.id] = Run(content, source)
        return sorted(found.values(), key=lambda run: (run.record.created, run.record.id))

    def problems(self) -> list[str]:
        """Return one sentence for each file that was skipped."""
        return [content for _, _, content in self._look() if isinstance(content, str)]

    def find(self, id: str) -> Run | None:
        """Return the run with this id, explored or not, or None."""
        runs = (*self.runs(), *self.runs(explored=True))
        return next((run for run in runs if run.record.id == id), None)

    def record(self, id: str) -> Record | None:
        """Return the record of the run with this id, or None."""
        run = self.find(id)
        return run.record if run else None

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
            self._seen.pop(record, None)

    def _look(self) -> list[tuple[str, Path, Record | str]]:
        found = []
        with self._lock:
            for source, folder in self.folders.items():
                for path in sorted(folder.glob("*.json")):
                    found.append((source, path, self._read(path)))
        return found

    def _read(self, path: Path) -> Record | str:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if path not in self._seen or self._seen[path][0] != stamp:
                self._seen[path] = (stamp, _content(path))
            return self._seen[path][1]
        except OSError as error:
            return f"{path.name}: not a run's record: {error.strerror}."


def _content(path: Path) -> Record | str:
    try:
        record = read_record(path)
    except UserError as error:
        return str(error)
    if path.stem != record.id:
        return f"{path.name}: not a run's record: its id must be the file's name; got {record.id}."
    return record


def open_store() -> Store:
    """Return the store of the shipped runs and of those measured on this machine."""
    return Store({SHIPPED: home.precomputed_folder() / "runs", HERE: home.runs_folder()})
