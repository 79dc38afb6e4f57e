"""Internal errors: people see a sentence with an id, and the log has the traceback."""

from __future__ import annotations

import secrets
import time
import traceback
from pathlib import Path

from effexplorer import home, limits
from effexplorer.atomic import disk_full
from effexplorer.errors import UserError

FULL_DISK = "effexplorer: must have room for its files; got a full disk."


def failure_sentence(error: BaseException, log: Path | None = None) -> str:
    """Return why a run failed: a user's error whole, a full machine as such, else a bug."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # torch's own
        return "run: must fit into this machine's memory; got a refusal of more."
    if disk_full(error):
        return FULL_DISK
    return bug_sentence(error, log)


def bug_sentence(error: BaseException, log: Path | None = None) -> str:
    """Log ``error`` with its traceback under a new id and return the sentence that names the id.

    ``log`` is ``errors.log`` in the user's data folder, unless another is given. A log that cannot
    be written is passed over: the sentence is what counts.
    """
    log = log or home.home() / "errors.log"
    id = secrets.token_hex(4)
    heading = f"{time.strftime('%Y-%m-%d %H:%M:%S')} error {id}\n"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        full = log.exists() and log.stat().st_size > limits.MAX_BUG_LOG_BYTES
        with log.open("w" if full else "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(heading + "".join(traceback.format_exception(error)))
    except OSError:
        return f"Internal error {id} ({type(error).__name__})."
    return f"Internal error {id}; details are in {log.name}."
