"""What the panels' scripts are sent, as plain JSON values; a test holds the scripts to it.

Texts come ready to be shown. ``mark`` is ``figures.Mark`` as a dictionary, ``costs`` are in the
order of ``records.COSTS``.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

Plain = dict[str, Any]
Choices = list[list[Any]]  # each a value and its title, sometimes a count of runs


class Tile(TypedDict):
    """A number of a run, and how it changed against the run's own dense stage."""

    label: str
    value: str
    note: str
    change: str | None
    rises: bool
    better: bool | None


class StageRow(TypedDict):
    """A stage of a run: score, costs and time."""

    letter: str
    step: str
    cells: list[str]


class Missed(TypedDict):
    """How far a run came out from its prediction; ``rows`` are empty where there was none."""

    rows: list[list[str]]
    basis: str | None


class PredictionText(TypedDict):
    """A prediction in words; ``text`` is empty where ``basis`` says why there is none."""

    text: str
    basis: str


class RunHead(TypedDict):
    """A run as its page and the comparison show it first."""

    id: str
    letters: str
    mark: Plain
    subtitle: str
    steps: str
    source: str
    tiles: list[Tile]
    stages: list[StageRow]


class RunPage(RunHead):
    """The page of a run; ``published`` on a static site, ``time`` where it was just opened."""

    training: str | None
    missed: Missed | None
    exits: Plain | None
    answers: bool
    export: Plain
    provenance: list[list[str]]
    command: str
    python: str
    pipeline: Plain
    published: NotRequired[bool]
    time: NotRequired[float]
