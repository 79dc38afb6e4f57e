"""Answers: what the model after each stage of a run said of every validation row.

With them two models can be compared on the same rows, without the models. They stand beside the
run's record, a few kB a stage; those of a last stage with exits are in its exit table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.exits.table import read_table, softmax
from effexplorer.records.array_file import read_arrays, write_arrays
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX, Record

_ARRAYS = ("labels", "values", "probabilities")


@dataclass(frozen=True)
class Answers:
    """What one model says of every validation row, at full depth.

    ``values`` ``(rows,)`` are class numbers, or numbers for regression; ``probabilities``
    ``(rows, classes)``, not calibrated, are to half precision, and ``(rows, 0)`` for regression;
    ``labels`` ``(rows,)`` are the right answers.
    """

    values: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray


def from_logits(logits: np.ndarray, labels: np.ndarray) -> Answers:
    """Return the answers of a model whose last exit gives ``logits`` ``(rows, outputs)``."""
    if logits.shape[1] == 1:
        return Answers(logits[:, 0].astype(np.float32), logits[:, :0], labels)
    probabilities = softmax(logits.astype(np.float32)).astype(np.float16)
    return Answers(logits.argmax(-1).astype(np.uint8), probabilities, labels)


def write_answers(stages: Sequence[Answers], path: Path) -> None:
    """Write the answers of a run's stages, which have one task, so that a crash leaves all or none.

    Raises ValueError for no stages.
    """
    arrays = {
        "labels": stages[0].labels,
        "values": np.stack([stage.values for stage in stages]),
        "probabilities": np.stack([stage.probabilities for stage in stages]),
    }
    write_arrays(arrays, path)


def read_answers(path: Path) -> tuple[Answers, ...]:
    """Return the answers of the stages in ``path``; raises UserError saying that these are none."""
    labels, values, probabilities = read_arrays(path, _ARRAYS).values()
    fits = (
        values.ndim == 2
        and probabilities.ndim == 3
        and probabilities.shape[:2] == values.shape
        and labels.shape == values.shape[1:]
        and 0 < len(values) <= limits.MAX_STEPS + 1
        and all(label.dtype.kind in "uif" for label in (labels, values, probabilities))
        and all(np.isfinite(label).all() for label in (labels, values, probabilities))
    )
    if not fits:
        raise UserError(f"{path.name}: must hold a run's answers; got arrays that do not fit.")
    return tuple(Answers(*stage, labels) for stage in zip(values, probabilities, strict=True))


def answers(record: Record, stage: int, folder: Path) -> Answers:
    """Return what the model after ``stage`` (0 is the dense one, -1 the last) said.

    ``folder`` is the one that holds ``record``. Raises UserError where nothing was kept, as of
    runs that are older than these files, or where the file is damaged.
    """
    index = range(len(record.stages))[stage]
    if record.stages[index].exits and index == len(record.stages) - 1:
        table = read_table(folder / f"{record.id}{EXIT_TABLE_SUFFIX}")
        return from_logits(table.logits[:, -1], table.labels)
    stages = read_answers(folder / f"{record.id}{ANSWERS}")
    if index >= len(stages):
        raise UserError(
            f"{record.id}{ANSWERS}: must hold the answers of stage {index}; got {len(stages)} "
            "stages."
        )
    return stages[index]
