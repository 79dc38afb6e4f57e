"""What can be chosen in the Orders tab: tasks, models, comparable runs, sets of operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effexplorer.analysis.groups import Group, Order
from effexplorer.operators import OPERATORS
from effexplorer.records.schema import COSTS
from effexplorer.records.store import Run
from effexplorer.ui.build.builder import offered_models
from effexplorer.ui.orders.choice import MOST, Choice, letter, sets, setting_key, setting_title
from effexplorer.ui.shared.visibility import visible_tasks


def options(
    choice: Choice, among: Group, groups: Sequence[Group], runs: Sequence[Run]
) -> dict[str, Any]:
    """Return the choices with their titles, and how many runs each has; plain JSON values."""
    records = [run.record for run in runs]
    models = {model.name: model.title for model in offered_models()}
    return {
        "models": _counted(
            models, [record.model for record in records if record.task == choice.task]
        ),
        "tasks": _counted(
            {name: spec.title.partition(":")[0] for name, spec in visible_tasks().items()},
            [record.task for record in records if record.model == choice.model],
        ),
        "settings": [
            [setting_key(group.setting), f"{setting_title(group.setting)} ({_runs(group)})"]
            for group in groups
            if (group.setting.model, group.setting.task) == (choice.model, choice.task)
        ],
        "sets": [_set(among, operators) for operators in sets(among)],
        "operators": [[cls.letter, name] for name, cls in OPERATORS.items()],
        "costs": [
            [name, title.removesuffix(" per sentence").removesuffix(" on disk")]
            for name, title in COSTS.items()
        ],
        "most": MOST,
    }


def _counted(titles: dict[str, str], used: Sequence[str]) -> list[list[Any]]:
    """Return names with their titles and runs, those that have any first."""
    names = dict.fromkeys([*sorted(set(used), key=lambda name: -used.count(name)), *titles])
    return [[name, titles.get(name, name), used.count(name)] for name in names]


def _runs(group: Group) -> str:
    count = sum(map(len, group.runs.values()))
    return "1 run" if count == 1 else f"{count} runs"


def _set(among: Group, operators: Order) -> dict[str, Any]:
    orders = among.orders(operators)
    return {
        "operators": list(operators),
        "letters": sorted_letters(operators),
        "knobs": _knobs(operators),
        "orders": len(orders),
        "seeds": max(len(among.runs[order]) for order in orders),
    }


def sorted_letters(operators: Order) -> list[str]:
    """Return the letters of a set in the order in which people see operators."""
    places = [*(cls.letter for cls in OPERATORS.values()), "?"]
    return sorted(map(letter, operators), key=places.index)


def _knobs(operators: Order) -> str:
    """Return the knobs that are not the default: ``"all epochs=4.0; Q mode=aware"``."""
    given: dict[str, list[str]] = {}
    for operator in operators:
        inner = operator.partition("(")[2].removesuffix(")")
        given.setdefault(operator, inner.split(", ") if inner else [])
    shared = [knob for knob in given[operators[0]] if all(knob in all_ for all_ in given.values())]
    own = [
        " ".join([letter(step), *(knob for knob in knobs if knob not in shared)])
        for step, knobs in given.items()
        if set(knobs) - set(shared)
    ]
    return "; ".join([*(["all " + " ".join(shared)] if shared else []), *own])
