"""What the plane's script is sent, as plain JSON values."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from effexplorer.ui.shared.messages import Choices, Plain


class LegendEntry(TypedDict):
    """A set of operators on the plane, or with ``source`` where runs were measured."""

    label: str
    mark: Plain
    source: NotRequired[bool]


class PlaneRow(TypedDict):
    """A run in the table below the plane."""

    id: str
    letters: str
    steps: str
    model: str
    score: str
    costs: list[str]
    seed: int
    source: str
    mark: Plain


class BudgetQuestion(TypedDict):
    """The budget question with its answer; ``id`` is empty where no run answers it."""

    questions: Choices
    counts: Choices
    question: str
    counted: str
    bound: str
    unit: str
    sentence: str
    id: str
    letters: str
    mark: Plain | None


class PlaneOptions(TypedDict):
    """What the filters of the plane offer."""

    tasks: Choices
    models: Choices
    data: Choices
    operators: Choices
    matches: Choices
    costs: Choices


class PublishedSwitch(TypedDict):
    """Whether published figures can be shown, and a note beside the switch."""

    any: bool
    note: str


class PlaneState(TypedDict):
    """The Explore tab's plane: ``plotly`` is the address of the library, ``figure`` for it."""

    plotly: str
    view: Plain
    options: PlaneOptions
    published: PublishedSwitch
    asked: BudgetQuestion
    figure: Plain
    legend: list[LegendEntry]
    rows: list[PlaneRow]
    cost: str
    total: int
    notices: list[str]
