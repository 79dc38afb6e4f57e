"""The file of some arrays: bounded when it is read, whole or absent after a crash."""

from __future__ import annotations

import io
import os
import uuid
import zipfile
from pathlib import Path

import numpy as np

from effexplorer import limits
from effexplorer.errors import UserError


def write_arrays(arrays: dict[str, np.ndarray], path: Path) -> None:
    """Write ``arrays`` into the ``.npz`` file ``path``, whose folder is made.

    A crash leaves the whole file or none; what was there under ``path`` is replaced.
    """
    memory = io.BytesIO()
    np.savez_compressed(memory, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}.{uuid.uuid4().hex}.tmp"
    try:
        with draft.open("wb") as file:
            file.write(memory.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the arrays called ``names`` in the ``.npz`` file ``path``.

    Raises UserError for anything but a regular file of at most ``limits.MAX_ARRAY_BYTES``
    unpacked bytes that holds them.
    """
    try:
        if not path.is_file():
            raise ValueError("no file")
        with zipfile.ZipFile(path) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size > limits.MAX_ARRAY_BYTES:
            raise ValueError(f"{size:,} bytes, more than {limits.MAX_ARRAY_BYTES:,}")
        with np.load(path) as arrays:
            return {name: arrays[name] for name in names}
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        wanted = ", ".join(names)
        reason = str(error)[:80]
        raise UserError(f"{path.name}: must hold the arrays {wanted}; got {reason}.") from error
