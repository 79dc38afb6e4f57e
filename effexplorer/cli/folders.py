"""The runs that a command reads, and the folder that it writes into, looked at before the work."""

import os
from argparse import ArgumentParser
from pathlib import Path

from effexplorer.errors import UserError


def add_explored(parser: ArgumentParser) -> None:
    """Add the option of the runs that searches explored instead of the confirmed ones."""
    parser.add_argument(
        "--explored",
        action="store_true",
        help="runs of searches, measured on held-out rows; they do not compare with others",
    )


def make_writable(folder: Path) -> None:
    """Make ``folder``; raises UserError when it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"out: must be a folder; got {folder} ({error.strerror}).") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"out: must be a folder that can be written; got {folder}.")
