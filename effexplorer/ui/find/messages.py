"""What the search's script is sent, as plain JSON values."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from effexplorer.ui.shared.messages import Choices, Plain


class FindState(TypedDict):
    """What a search can be asked for."""

    models: Choices
    tasks: Choices
    operators: Choices
    axes: dict[str, str]


class Outlook(TypedDict):
    """What is known where a search would begin, see ``panel.search_outlook``."""

    points: list[Plain]
    dense: Plain | None
    problem: str
    plan: str


class SearchState(TypedDict):
    """A search: what it may spend and cost, its points so far and its answer."""

    id: str
    mine: bool
    state: str
    place: int | None
    model: str
    task: str
    goal: str
    axis: str
    limit: float | None
    min_score: float | None
    lose_at_most: float | None
    points: list[Plain]
    plan: str
    why: str
    ranking: str
    findings: list[str]
    fraction: float
    clock: str
    answer: Plain | None
    failure: str
    since: NotRequired[float]
