"""Parcels: the files of a folder as bytes, on their way to a machine that does not have them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

Files = dict[str, bytes]


def pack(paths: Iterable[Path]) -> Files:
    """Return the contents of ``paths`` by file name; folders are passed over."""
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def unpack(files: Files, folder: Path) -> None:
    """Write ``files`` into ``folder``, which is made; raises ValueError for a name with a path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if name != Path(name).name or name in ("", ".."):
            raise ValueError(f"{name[:60]} is no file's name")
        (folder / name).write_bytes(content)
