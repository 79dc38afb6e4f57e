"""What the builder's and the run panel's scripts are sent, as plain JSON values."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from effexplorer.ui.shared.messages import Choices, Plain, PredictionText


class BuilderState(TypedDict):
    """What the builder offers, and the pipeline to begin with."""

    models: Choices
    tasks: Choices
    operators: list[Plain]
    presets: list[Plain]
    max_steps: int
    pipeline: Plain


class Judgement(TypedDict):
    """What is said of a pipeline before it runs, see ``builder.judgement``."""

    cards: list[str | None]
    cautions: list[str | None]
    problems: list[str]
    text: str
    letters: str
    key: str
    exists: bool
    note: str
    cost: str
    basis: str
    prediction: PredictionText | None


class JobState(TypedDict):
    """A run in progress, see ``job_panel.job_state``; ``since`` tells runs of one page apart."""

    id: str
    mine: bool
    state: str
    letters: str
    mark: Plain
    subtitle: str
    fraction: float
    now: str
    detail: str
    place: int | None
    waits: str
    started: float | None
    latest: float | None
    eta: float | None
    pipeline: Plain | None
    stages: list[Plain]
    losses: list[list[float]]
    notes: list[str]
    failure: str
    silent: str
    since: NotRequired[float]
    time: NotRequired[float]
