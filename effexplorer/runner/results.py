"""Results: what a run found so far, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass

from effexplorer.exits.table import ExitTable
from effexplorer.records.answers import Answers, from_logits
from effexplorer.records.schema import Stage


@dataclass(frozen=True)
class Results:
    """Each stage as measured, its answers, and the last one's exit table.

    ``table`` is None if the last stage has no exits.
    """

    stages: tuple[Stage, ...] = ()
    answers: tuple[Answers, ...] = ()
    table: ExitTable | None = None

    def and_stage(self, stage: Stage, table: ExitTable) -> Results:
        """Return these with one more stage; ``table`` has one exit if the stage has none."""
        said = from_logits(table.logits[:, -1], table.labels)
        return Results((*self.stages, stage), (*self.answers, said), table if stage.exits else None)
