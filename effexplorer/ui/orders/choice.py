"""What a person looks at in the Orders tab: comparable runs and a set of operators, checked."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from effexplorer.analysis.groups import Group, Order, Setting, operator_names
from effexplorer.errors import UserError, shown
from effexplorer.operators import OPERATORS
from effexplorer.pipeline import parse_steps
from effexplorer.records.schema import COSTS
from effexplorer.ui.build.builder import check_students
from effexplorer.ui.shared.visibility import check_task

MOST = 4  # operators: they have 24 orders, which a projector holds; five have 120
_USUAL = ("distill", "prune", "quantize")


@dataclass(frozen=True)
class Choice:
    """What the tab shows. Empty fields are filled with what has the most runs.

    ``setting`` is the key of comparable runs of ``model`` on ``task``; ``operators`` are steps as
    they are typed, sorted. ``early`` counts multi-exit models where their sentences leave.
    """

    model: str = ""
    task: str = ""
    setting: str = ""
    operators: Order = ()
    cost: str = "bytes"
    early: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return this choice as plain JSON values."""
        return dataclasses.asdict(self) | {"operators": list(self.operators)}


def read_choice(data: Any) -> Choice:
    """Return the choice that a browser describes; raises UserError for anything else."""
    known = {field.name for field in dataclasses.fields(Choice)}
    if not isinstance(data, dict) or not set(data) <= known:
        raise UserError(f"orders: must be the tab's choices; got {shown(data)}.")
    for name in ("model", "task", "setting"):
        if not isinstance(data.get(name, ""), str):
            raise UserError(f"{name}: must be a name; got {shown(data[name])}.")
    if data.get("task"):
        check_task(data["task"])
    cost = data.get("cost", "bytes")
    if not isinstance(cost, str) or cost not in COSTS:
        raise UserError(f"cost: must be one of {', '.join(COSTS)}; got {shown(cost)}.")
    operators = data.get("operators", [])
    if not isinstance(operators, list) or not all(
        isinstance(operator, str) for operator in operators
    ):
        raise UserError(f"operators: must be a list of steps; got {shown(operators)}.")
    if len(operators) > MOST:
        raise UserError(f"operators: must be at most {MOST}; got {len(operators)}.")
    for operator in operators:
        if len(parse_steps(operator)) != 1:
            raise UserError(f"operators: each must be one step; got {shown(operator)}.")
    early = bool(data.get("early", False))
    return Choice(**data | {"operators": tuple(sorted(operators)), "early": early})


def focused(choice: Choice, groups: Sequence[Group]) -> tuple[Choice, Group]:
    """Return ``choice`` with its empty fields filled, and the runs that it is about.

    What is asked for may have no run yet; the group is then empty. Raises UserError for a student
    that is neither on the list of models nor in a run: looking for it would tell a visitor which
    folders the server has.
    """
    _check_students(choice.operators, groups)
    groups = [
        among
        for among in groups
        if choice.model in ("", among.setting.model) and choice.task in ("", among.setting.task)
    ]
    asked_for = [among for among in groups if setting_key(among.setting).startswith(choice.setting)]
    fitting = asked_for or groups
    if not choice.operators:
        known = [(*weight(among, each), each, among) for among in fitting for each in sets(among)]
        if known:
            *_, operators, group = max(known, key=lambda row: row[:2])
            return _filled(choice, group, operators), group
    if fitting:
        operators = choice.operators or _USUAL
        group = max(fitting, key=lambda among: weight(among, operators))
        return _filled(choice, group, operators), group
    asked = Setting(choice.model or "minilm", choice.task or "reviews", None, None, "")
    return _filled(choice, Group(asked), choice.operators or _USUAL), Group(asked)


def _check_students(operators: Order, groups: Sequence[Group]) -> None:
    known = {step for group in groups for order in group.runs for step in order}
    for step in set(operators) - known:
        check_students(parse_steps(step))


def sets(group: Group) -> list[Order]:
    """Return the sets of two to four operators that have runs, those with most first.

    A set whose orders all belong to a larger one as well, because quantize trains there, is left
    out.
    """
    orders = {
        operators: set(group.orders(operators))
        for operators in group.sets()
        if 1 < len(operators) <= MOST
    }
    own = [
        operators
        for operators in orders
        if not any(orders[operators] < other for other in orders.values())
    ]
    return sorted(
        own, key=lambda operators: (*(-number for number in weight(group, operators)), operators)
    )


def weight(group: Group, operators: Order) -> tuple[bool, int]:
    """Return how much a set has to show: whether there is more than one order, and its runs."""
    orders = group.orders(operators)
    return len(orders) > 1, sum(len(group.runs[order]) for order in orders)


def letters(order: Order) -> str:
    """Return ``"D>P>Q"``; an operator that is not here any more is a question mark."""
    return ">".join(map(letter, order)) or "dense"


def letter(step: str) -> str:
    """Return the letter of a step as it is typed."""
    (name,) = operator_names((step,))
    return OPERATORS[name].letter if name in OPERATORS else "?"


def setting_key(setting: Setting) -> str:
    """Return a short name for ``setting``, as links carry it; those of older links lack its end."""
    examples, epochs = setting.examples or "all", setting.epochs or "own"
    digits = hashlib.sha256(repr(setting).encode()).hexdigest()[:6]
    length = f"-{setting.max_length}" if setting.max_length else ""
    return f"{examples}-{epochs}-{setting.fingerprint[:6]}-{digits}{length}"


def setting_title(setting: Setting) -> str:
    """Return ``"30,000 training rows, 3 epochs"``."""
    amount = "all" if setting.examples is None else f"{setting.examples:,}"
    epochs = "the task's epochs" if setting.epochs is None else f"{setting.epochs:g} epochs"
    length = f", {setting.max_length} word pieces" if setting.max_length else ""
    return f"{amount} training rows, {epochs}{length}"


def _filled(choice: Choice, group: Group, operators: Order) -> Choice:
    setting = group.setting
    return dataclasses.replace(
        choice,
        model=setting.model,
        task=setting.task,
        setting=setting_key(setting),
        operators=tuple(sorted(operators)),
    )
