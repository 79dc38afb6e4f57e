"""What the Runs tab's script is sent, as plain JSON values."""

from __future__ import annotations

from typing import TypedDict

from effexplorer.ui.shared.messages import Plain, RunHead


class RunsRow(TypedDict):
    """A run, or with several ``ids`` the mean of those that differ in their seed only."""

    ids: list[str]
    letters: str
    mark: Plain
    seeds: list[str]
    seed: str
    which: str
    steps: str
    task: str
    model: str
    score: list[str]
    costs: list[str]
    examples: str
    created: str
    source: str
    exits: bool
    refused: bool
    sort: Plain


class RunsState(TypedDict):
    """The table; ``refusal`` says why the run of a row that is ``refused`` stays."""

    rows: list[RunsRow]
    refusal: str
    tasks: list[tuple[str, str]]
    problems: list[str]


class Beside(RunHead):
    """A run in the comparison: ``path`` in megabytes, ``curve`` and ``macs`` in million MACs."""

    seed: int
    values: list[float]
    path: list[list[float]]
    macs: list[float]
    curve: list[list[float]]


class Comparison(TypedDict):
    """Up to four runs side by side, see ``compare.compared``."""

    runs: list[Beside]
    missing: list[str]
    one_task: bool
    one_data: bool
    one_place: bool
    differing: list[Plain]
    paired: list[str]
    changed: list[Plain]
