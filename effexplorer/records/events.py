"""What a run tells while it goes on: one event after the other, each a plain mapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Required, TypedDict


class PlannedStage(TypedDict):
    """A stage that a run will make: its step as it is typed, and the rows that it trains on."""

    step: str
    sentences: int


class RunEvent(TypedDict, total=False):
    """An event. Each kind has the fields named here, and ``time`` once it is written.

    - ``started``: ``pid`` of the worker;
    - ``plan``: ``stages``;
    - ``stage``: the run enters the stage ``index``, whose ``step`` is told;
    - ``progress`` of the stage ``index``: ``done`` of ``total`` training rows, the ``loss`` (None
      where it was not finite), and ``detail``, what is trained where a stage has several trainings;
    - ``measured``: the ``stage`` with this ``index``, as the fields of ``schema.Stage``;
    - ``note``: a sentence, ``text``;
    - ``done``, with the record's ``id``, ``failed``, with the sentence ``text``, or ``cancelled``:
      the last one.
    """

    kind: Required[Kind]
    time: float
    pid: int
    stages: list[PlannedStage]
    index: int
    step: str
    done: int
    total: int
    loss: float | None
    detail: str
    stage: dict[str, Any]
    text: str
    id: str


Kind = Literal[
    "started", "plan", "stage", "progress", "measured", "note", "done", "failed", "cancelled"
]
Report = Callable[[RunEvent], None]
