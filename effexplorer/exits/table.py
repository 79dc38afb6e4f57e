"""The exit table: what every exit of a model says of every validation example, in one small file.

Every threshold, policy and curve is computed from it, without the model.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from effexplorer.errors import UserError
from effexplorer.exits.table_rules import check_arrays
from effexplorer.records.array_file import arrays_in, write_arrays


@dataclass(frozen=True)
class ExitTable:
    """Every exit's answers over a split.

    ``logits`` is ``(examples, exits, outputs)`` before calibration (float16 in the file);
    ``temperatures`` ``(exits,)`` calibrate them; ``macs`` ``(examples, exits)`` is what an example
    costs up to each exit, at its own length; ``layers`` ``(exits,)`` counts from 1, 0 is before
    any; ``labels`` and ``tokens`` (word pieces) are ``(examples,)``; ``tags`` ``(examples,)`` where
    the task has them, else empty; ``threshold`` is the model's own, NaN for full depth.
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
    probabilities: np.ndarray = shifted / shifted.sum(-1, keepdims=True)
    return probabilities


def write_table(table: ExitTable, path: Path) -> None:
    """Write ``table`` so that a crash leaves the whole file or none."""
    arrays = vars(table) | {"logits": table.logits.astype(np.float16)}
    write_arrays(arrays, path)


def read_table(path: Path) -> ExitTable:
    """Return the table in ``path``; raises UserError saying that the file is none."""
    names = [field.name for field in dataclasses.fields(ExitTable)]
    try:
        arrays = arrays_in(path, names)
        check_arrays(arrays)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        raise UserError(f"{path.name}: must be an exit table; got {str(reason)[:120]}.") from error
    return ExitTable(**arrays | {"logits": arrays["logits"].astype(np.float32)})
