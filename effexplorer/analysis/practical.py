"""The practical size of a difference: how many validation sentences it is."""

from __future__ import annotations

from dataclasses import dataclass

from effexplorer.analysis.groups import Group
from effexplorer.tasks.registry import all_tasks
from effexplorer.units import many


@dataclass(frozen=True)
class Practical:
    """What points mean on a task: ``examples`` validation ``texts``, None where no point is a text.

    Only accuracy counts texts; F1 and correlations do not.
    """

    examples: int | None = None
    texts: str = "sentences"

    def words(self, points: float, relation: str = "") -> str:
        """Return ``"1.5 points apart, about 13 of 872 sentences"``, or the points alone.

        ``relation`` is the word after the points.
        """
        size = f"{many(round(points, 1), 'point')} {relation}".rstrip()
        if self.examples is None:
            return size
        number = abs(points) * self.examples / 100
        return f"{size}, about {number:.0f} of {self.examples:,} {self.texts}"


def practical(group: Group) -> Practical:
    """Return what a point means among the runs of ``group``."""
    record = next((run for by_seed in group.runs.values() for run in by_seed.values()), None)
    if record is None or record.score_name != "accuracy":
        return Practical()
    spec = all_tasks().get(record.task)
    texts = "rows" if spec is None else "sentences" if len(spec.text) == 1 else "pairs"
    return Practical(record.data.get("validation_examples"), texts)
