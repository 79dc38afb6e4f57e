"""The exit table: what every exit of a model says of every validation example, in one small file.

Every threshold, policy and curve is computed from it, without the model.
"""

from __future__ import annotations

import dataclasses
import io
import os
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from effexplorer.errors import UserError


@dataclass(frozen=True)
class ExitTable:
    """Every exit's answers over a split.

    ``logits`` is ``(examples, exits, outputs)`` before calibration (float16 in the file);
    ``temperatures`` ``(exits,)`` calibrate them; ``macs`` ``(examples, exits)`` is what an example
    costs up to each exit, at its own length; ``layers`` ``(exits,)`` counts from 1; ``labels`` and
    ``tokens`` (word pieces) are ``(examples,)``; ``tags`` ``(examples,)`` where the task has them,
    else empty; ``threshold`` is the model's own, NaN for full depth.
    """

    logits: np.ndarray
    temperatures: np.ndarray
    macs: np.ndarray
    layers: np.ndarray
    labels: np.ndarray
    tokens: np.ndarray
    tags: np.ndarray
    threshold: np.ndarray

    def probabilities(self, *, calibrated: bool = True) -> np.ndarray:
        """Return the class probabilities ``(examples, exits, classes)``."""
        scale = self.temperatures[:, None] if calibrated else 1.0
        return softmax(self.logits / scale)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities along the last axis, without overflow."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def write_table(table: ExitTable, path: Path) -> None:
    """Write ``table`` so that a crash leaves the whole file or none."""
    arrays = vars(table) | {"logits": table.logits.astype(np.float16)}
    memory = io.BytesIO()
    np.savez_compressed(memory, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}.{uuid.uuid4().hex}.tmp"
    draft.write_bytes(memory.getvalue())
    os.replace(draft, path)


def read_table(path: Path) -> ExitTable:
    """Return the table in ``path``; raises UserError saying that the file is none."""
    names = [field.name for field in dataclasses.fields(ExitTable)]
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            table = ExitTable(**{name: arrays[name] for name in names})
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path.name}: must be an exit table; got {str(error)[:80]}.") from error
    examples, exits = table.logits.shape[:2] if table.logits.ndim == 3 else (0, 0)
    if not examples or table.macs.shape != (examples, exits) or len(table.labels) != examples:
        raise UserError(f"{path.name}: must be an exit table; got arrays that do not fit.")
    return dataclasses.replace(table, logits=table.logits.astype(np.float32))
