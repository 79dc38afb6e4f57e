"""The lessons' panel: its steps from ``lessons.json``, and what a teacher's link can take away."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, TypedDict

from effexplorer.ui.shared.panel import Panel

_FILE = Path(__file__).with_name("lessons.json")
TABS = {
    "explore": "Explore",
    "build": "Build",
    "orders": "Orders",
    "exits": "Early exit",
    "runs": "Runs",
}
CONTROLS = {
    "filters": "Filters of the plane",
    "question": "Budget question",
    "pipeline": "Pipeline builder",
    "orders": "Choice of orders",
    "text": "Model and text",
    "threshold": "Threshold",
}


class Step(TypedDict):
    """A step of a lesson: a sentence, a question, its answer, and the address of what shows it."""

    say: str
    ask: str
    answer: str
    show: dict[str, str]


class Lesson(TypedDict):
    """A lesson: its title and its steps."""

    title: str
    steps: list[Step]


class LessonsPanel(Panel):
    """The side panel. It is closed unless the page's address names a lesson."""

    script = "lessons/lessons"
    parts = ("lessons/classroom",)


@functools.cache
def lessons() -> list[Lesson]:
    """Return all lessons in their order."""
    read: list[Lesson] = json.loads(_FILE.read_text("utf-8"))
    return read


def lessons_state() -> dict[str, Any]:
    """Return what the panel shows, as plain JSON values."""
    return {"lessons": lessons(), "tabs": list(TABS.items()), "controls": list(CONTROLS.items())}
