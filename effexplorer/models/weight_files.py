"""Weight files: which files of a folder hold its model's weights, whole or in shards."""

from __future__ import annotations

import json
from pathlib import Path

from effexplorer import bounded_file, limits
from effexplorer.errors import UserError

SAFE, OLD = "model.safetensors", "pytorch_model.bin"
INDEX = ".index.json"
NAMES = (SAFE, SAFE + INDEX, OLD, OLD + INDEX)  # in the order in which transformers looks
_POINTER = b"version https://git-lfs"


def has_weights(folder: Path) -> bool:
    """Tell whether ``folder`` holds weights, or an index of them, by name alone."""
    return any((folder / name).is_file() for name in NAMES)


def weight_files(folder: Path) -> list[Path]:
    """Return the files that hold the weights in ``folder``: one, or an index and its shards.

    Empty if there are none. Raises UserError for an index that names no shards of this folder, and
    for a file that Git LFS has not fetched yet.
    """
    name = next((name for name in NAMES if (folder / name).is_file()), None)
    if name is None:
        return []
    paths = [folder / name]
    if name.endswith(INDEX):
        paths += _shards(paths[0])
    for path in paths:
        with path.open("rb") as file:
            if file.read(len(_POINTER)) == _POINTER:
                raise UserError(
                    f"model: {path.name} must hold weights; got a Git LFS pointer to them. "
                    "Run git lfs pull in the folder that it comes from."
                )
    return paths


def _shards(index: Path) -> list[Path]:
    try:
        named = json.loads(bounded_file.read_text(index, limits.MAX_CONFIG_BYTES))["weight_map"]
        names = sorted({str(name) for name in named.values()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"model: {index.name} must map weights to files; got another.") from error
    for name in names:
        if Path(name).name != name or not (index.parent / name).is_file():
            raise UserError(
                f"model: {index.name} must name files beside it; got {name[:60]}, "
                "which is not there."
            )
    return [index.parent / name for name in names]
