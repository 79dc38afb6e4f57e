"""The file of some arrays: bounded when it is read, whole or absent after a crash."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from effexplorer import atomic, bounded_file, limits
from effexplorer.errors import UserError

_HEADER = 4_096  # characters of an array's description; real ones have about 100
_KINDS = "biufU"  # truth values, numbers and text


def write_arrays(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write ``arrays`` into the ``.npz`` file ``path``, whose folder is made.

    A crash leaves the whole file or none; what was there under ``path`` is replaced.
    """
    memory = io.BytesIO()
    np.savez_compressed(memory, **cast(Any, arrays))  # its own option is among the names
    atomic.write(path, memory.getvalue())


def read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the arrays called ``names`` in the ``.npz`` file ``path``.

    Raises UserError for anything but a regular file of at most ``limits.MAX_ARRAY_BYTES``
    unpacked bytes that holds them.
    """
    try:
        return arrays_in(path, names)
    except (OSError, ValueError) as error:
        wanted = ", ".join(names)
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:80]
        raise UserError(f"{path.name}: must hold the arrays {wanted}; got {reason}.") from error


def arrays_in(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Return what ``read_arrays`` does; raises OSError, and ValueError for what is no such file.

    A small file can claim to hold terabytes: nothing is unpacked before its size is known.
    """
    limit = limits.MAX_ARRAY_BYTES
    with bounded_file.open_regular(path, limit) as file:
        try:
            with zipfile.ZipFile(file) as whole:
                members = {info.filename: info for info in whole.infolist()}
                size = sum(info.file_size for info in members.values())
                if size > limit:
                    raise ValueError(f"{size:,} bytes, more than {limit:,}")
                return {name: _array(whole, members, name) for name in names}
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise ValueError(f"a file that cannot be unpacked ({error})") from error


def _array(whole: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> np.ndarray:
    info = members.get(f"{name}.npy")
    if info is None:
        raise ValueError(f"no array called {name}")
    with whole.open(info) as file:
        shape, dtype, by_column = _header(file, name)
        content = file.read(info.file_size)
    if dtype.kind not in _KINDS or math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError(f"an array {name} of {dtype} that does not fill its shape {shape}"[:100])
    array = np.frombuffer(content, dtype) if content else np.zeros(0, dtype)
    return array.reshape(shape, order="F" if by_column else "C")


def _header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype, bool]:
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"an array {name} of another format")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_HEADER)
    return shape, dtype, by_column
