"""What the Early exit tab's script is sent, as plain JSON values."""

from __future__ import annotations

from typing import TypedDict

from effexplorer.ui.shared.messages import Plain


class ModelChoice(TypedDict):
    """A multi-exit model in the list; ``answers`` is False where only its table is kept."""

    name: str
    title: str
    source: str
    answers: bool
    run: str
    task: str
    columns: list[str]
    labels: list[str]


class ModelState(ModelChoice):
    """A multi-exit model; ``table`` is ``model_choice.packed`` of its exit table."""

    layers: list[int]
    metric: str
    policies: list[str]
    keep: float
    examples: list[Plain]
    table: Plain | None
