"""What runs were trained on: only runs of one training set stand on one front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from effexplorer.analysis.groups import data_settings
from effexplorer.records.schema import Record
from effexplorer.records.store import Run


@dataclass(frozen=True)
class TrainingSet:
    """The data of some runs: ``words`` such as ``"61,013 rows"``, and the number of ``runs``.

    ``fingerprint`` tells them apart, see ``data_of``.
    """

    fingerprint: str
    words: str
    rows: int
    runs: int


def training_sets(runs: Sequence[Run]) -> list[TrainingSet]:
    """Return the training sets of ``runs``, the largest first, then the one with most runs."""
    members: dict[str, list[Record]] = {}
    for run in runs:
        members.setdefault(data_of(run), []).append(run.record)
    sets = [
        TrainingSet(fingerprint, records[-1].trained_on, _rows(records[-1]), len(records))
        for fingerprint, records in members.items()
    ]
    return sorted(sets, key=lambda data: (-data.rows, -data.runs, data.fingerprint))


def data_of(run: Run) -> str:
    """Return the fingerprint of the data that a run was trained and measured on.

    Where the task's settings are not the usual ones, they and the score's name follow it.
    """
    fingerprint = str(run.record.data.get("fingerprint", ""))
    settings = data_settings(run.record)
    return f"{fingerprint}-{settings}-{run.record.score_name}" if settings else fingerprint


def _rows(record: Record) -> int:
    return int(record.data.get("train_examples") or 0)
