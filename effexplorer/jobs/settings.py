"""What a teacher sets for the queue: a pause, and how many runs one browser may have in it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from effexplorer import limits
from effexplorer.errors import UserError, shown

SETTINGS_FILE = ".settings.json"


@dataclass(frozen=True)
class QueueSettings:
    """While ``paused`` no run starts; ``per_owner`` runs of one browser may wait at a time."""

    paused: bool = False
    per_owner: int = limits.MAX_QUEUED_PER_OWNER

    def __post_init__(self) -> None:
        if not isinstance(self.paused, bool):
            raise UserError(f"paused: must be true or false; got {shown(self.paused)}.")
        whole = isinstance(self.per_owner, int) and not isinstance(self.per_owner, bool)
        if not whole or not 0 <= self.per_owner <= limits.MAX_QUEUED_JOBS:
            raise UserError(
                f"per_owner: must be a whole number from 0 to {limits.MAX_QUEUED_JOBS}; "
                f"got {shown(self.per_owner)}."
            )


def read_settings(folder: Path) -> QueueSettings:
    """Return the settings in the jobs ``folder``; the usual ones where none can be read."""
    try:
        return QueueSettings(**json.loads((folder / SETTINGS_FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError, UserError):
        return QueueSettings()


def write_settings(folder: Path, settings: QueueSettings) -> None:
    """Put ``settings`` into the jobs ``folder`` as a whole."""
    draft = folder / f"{SETTINGS_FILE}.new"
    draft.write_text(json.dumps(dataclasses.asdict(settings)), "utf-8")
    draft.replace(folder / SETTINGS_FILE)
