"""What the Orders tab's script is sent, as plain JSON values."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from effexplorer.ui.shared.messages import Plain


class VerdictText(TypedDict):
    """An answer of the runs: yes, no or cannot tell, and what yes and no would need."""

    answer: str
    sentence: str
    needs: list[list[str]]


class VerdictCard(VerdictText):
    """A question, what the runs answer and what a paper claims."""

    title: str
    more: list[VerdictText]
    claim: str
    source: str


class OrderScores(TypedDict):
    """What an order reached; ``mean`` is None where it was not run."""

    mean: float | None
    seeds: list[Plain]
    score: str
    size: str
    macs: str


class OrderRow(OrderScores):
    """An order: its seeds, those that are missing, and its path through the plane."""

    order: list[str]
    letters: str
    mark: Plain
    missing: list[Plain]
    path: list[list[Any]]


class OrdersState(TypedDict):
    """The Orders tab, see ``orders.state``; ``cards`` are the verdicts."""

    choice: Plain
    letters: list[str]
    options: Plain
    rows: list[OrderRow]
    illegal: Plain | None
    dense: float | None
    predicted: float | None
    margin: float
    exits: bool
    score: str
    cost: str
    takes: str
    unchecked: str
    cards: NotRequired[list[VerdictCard]]
