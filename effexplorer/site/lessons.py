"""The lessons of a static site: those of which it has everything that they show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from effexplorer.ui.exits.messages import ModelChoice
from effexplorer.ui.lessons.panel import Lesson, lessons


def fitting_lessons(
    tasks: Collection[str], orders: Sequence[dict[str, Any]], models: Sequence[ModelChoice]
) -> Iterator[Lesson]:
    """Yield the lessons of which a page with these tasks, orders and models shows every step."""
    sets = {(order["choice"]["task"], " > ".join(order["choice"]["operators"])) for order in orders}
    names = {model["name"] for model in models}

    def fits(shows: dict[str, str]) -> bool:
        if "explore" in shows:
            return shows["explore"] in tasks
        if "orders" in shows:
            return (shows["task"], shows["orders"]) in sets
        return shows["exits"] in names

    for lesson in lessons():
        if all(fits(step["show"]) for step in lesson["steps"]):
            yield lesson
