"""What the Orders tab of a static site shows: every set of operators that has runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from effexplorer.analysis.groups import Group, group
from effexplorer.records.schema import COSTS
from effexplorer.records.store import Run
from effexplorer.ui.orders.cards import cards, question
from effexplorer.ui.orders.choice import Choice, focused, sets, setting_key, weight
from effexplorer.ui.orders.orders import exit_curves
from effexplorer.ui.orders.state import orders_state

Plain = dict[str, Any]


def order_sets(runs: Sequence[Run], folders: Mapping[str, Path]) -> Iterator[Plain]:
    """Yield the sets, those with most runs first.

    Each has its ``choice`` (model, task, setting, operators), what is ``common`` to all its
    variants, and the rest by ``cost``, or ``cost-early`` where sentences leave early.
    """
    groups = group(run.record for run in runs)
    weighed = [
        (weight(each, operators), each, operators) for each in groups for operators in sets(each)
    ]
    for _, among, operators in sorted(weighed, key=lambda row: row[0], reverse=True):
        setting = among.setting
        choice = Choice(setting.model, setting.task, setting_key(setting), operators)
        yield _set(choice, groups, runs, folders)


def _set(
    choice: Choice, groups: Sequence[Group], runs: Sequence[Run], folders: Mapping[str, Path]
) -> Plain:
    variants = {}
    for cost in COSTS:
        for early in (False, True):
            state = _state(replace(choice, cost=cost, early=early), groups, runs, folders)
            if state["exits"] or not early:
                variants[f"{cost}-early" if early else cost] = state
    first, *others = variants.values()
    common = {key for key in first if all(first[key] == other[key] for other in others)}
    return {
        "choice": {key: first["choice"][key] for key in ("model", "task", "setting", "operators")},
        "common": {key: first[key] for key in first if key in common},
        "variants": {
            name: {key: state[key] for key in state if key not in common}
            for name, state in variants.items()
        },
    }


def _state(
    choice: Choice, groups: Sequence[Group], runs: Sequence[Run], folders: Mapping[str, Path]
) -> Plain:
    """Return the tab's state; nothing can be run from the page, so nothing is offered to be."""
    asked, among = focused(choice, groups)
    curves = exit_curves(among, runs, folders)
    state = orders_state(asked, among, groups, runs, lambda id: None)
    options = state["options"]
    for name in ("models", "tasks"):
        options[name] = [option for option in options[name] if option[2]]
    rows = [{**row, "missing": []} for row in state["rows"]]
    verdicts = cards(question(among, asked.operators, curves))
    return dict(state) | {"cards": verdicts, "rows": rows, "takes": ""}
