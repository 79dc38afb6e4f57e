"""The folder that a command writes into, looked at before the work and not after it."""

import os
from pathlib import Path

from effexplorer.errors import UserError


def make_writable(folder: Path) -> None:
    """Make ``folder``; raises UserError when it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"out: must be a folder; got {folder} ({error.strerror}).") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"out: must be a folder that can be written; got {folder}.")
