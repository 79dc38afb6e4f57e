"""How much of a run's change against its dense model is more training alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from effexplorer import units
from effexplorer.control import control
from effexplorer.errors import UserError
from effexplorer.pipeline import Pipeline
from effexplorer.records.schema import Record


@dataclass(frozen=True)
class TrainingAlone:
    """A run's change of score against its dense model, in points, taken apart by its control.

    ``training`` is what the control gains on the dense model, ``compression`` what the run gains on
    its control; both may be negative, and ``change`` is their sum.
    """

    control: Record
    training: float
    compression: float

    @property
    def change(self) -> float:
        """Return the whole change in points."""
        return self.training + self.compression

    @property
    def sentence(self) -> str:
        """Return the parts in words, for the page of the run."""
        return (
            f"Of {units.points(self.change)} against dense, training for as long without "
            f"compression makes {units.points(self.training)}, compression "
            f"{units.points(self.compression)}."
        )


def training_alone(record: Record, records: Iterable[Record]) -> TrainingAlone | None:
    """Return what training alone did to ``record``, or None if its control is not in ``records``.

    The control has the same model, task, data, seed, and training steps (``effexplorer.control``).
    None too for a run that trains nothing after the dense model, and for a control itself.
    """
    matching = find_control(record, records)
    if matching is None:
        return None
    return TrainingAlone(
        matching,
        training=matching.final.score - record.stages[0].score,
        compression=record.final.score - matching.final.score,
    )


def find_control(record: Record, records: Iterable[Record]) -> Record | None:
    """Return the control of ``record`` among ``records``, or None; see ``training_alone``."""
    try:
        wanted = control(Pipeline.from_dict(record.pipeline))
    except UserError:  # an operator that is not here any more
        return None
    if not wanted.steps or wanted.to_dict() == record.pipeline:
        return None
    return next((candidate for candidate in records if _is(candidate, wanted, record)), None)


def _is(candidate: Record, wanted: Pipeline, record: Record) -> bool:
    """Tell whether ``candidate`` is the run of ``wanted`` on the data and weights of ``record``."""
    return (
        candidate.letters == ">".join(step.letter for step in wanted.steps)
        and candidate.phase == record.phase
        and candidate.data.get("fingerprint") == record.data.get("fingerprint")
        and candidate.weights.get("sha256") == record.weights.get("sha256")
        and candidate.pipeline == wanted.to_dict()
    )
