"""A request: what a job shall run, who asked for it and when, in one JSON file."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import bounded_file, limits
from effexplorer.errors import UserError, shown
from effexplorer.pipeline import Pipeline

REQUEST_FILE = "request.json"


@dataclass(frozen=True)
class Request:
    """A pipeline, the token of the browser that asked for it, and the time in Unix seconds.

    ``search`` describes a search that begins with ``pipeline``, in plain JSON values; it is None
    for a run. Raises UserError when the pipeline cannot run or the token is not one.
    """

    pipeline: Pipeline
    owner: str
    submitted: float
    search: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        problems = self.pipeline.problems()
        if problems:
            raise UserError(" ".join(problems))
        longest = limits.MAX_OWNER_CHARACTERS
        if not isinstance(self.owner, str) or not 0 < len(self.owner) <= longest:
            raise UserError(f"owner: must be 1 to {longest} characters; got {shown(self.owner)}.")

    def write(self, folder: Path) -> None:
        """Write this request into ``folder`` and wait until it is on the disk."""
        plain = {
            "pipeline": self.pipeline.to_dict(),
            "owner": self.owner,
            "submitted": self.submitted,
            "search": self.search,
        }
        with (folder / REQUEST_FILE).open("w", encoding="utf-8") as file:
            json.dump(plain, file, indent=1)
            file.flush()
            os.fsync(file.fileno())


def read_request(folder: Path) -> Request:
    """Return the request in ``folder``; raises UserError when there is none that can be run."""
    try:
        data = json.loads(bounded_file.read_text(folder / REQUEST_FILE, limits.MAX_REQUEST_BYTES))
        pipeline = Pipeline.from_dict(data["pipeline"])
        return Request(pipeline, data["owner"], float(data["submitted"]), data.get("search"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"job: must hold a readable {REQUEST_FILE}; got {folder.name}.") from error
