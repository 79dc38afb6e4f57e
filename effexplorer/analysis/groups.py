"""Runs that may be compared: the same model and data, by the order of their operators and seed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from effexplorer.records.schema import CONFIRMED, Record
from effexplorer.tasks.spec import TASKS

Order = tuple[str, ...]
QUANTIZE, _AWARE = "quantize", "quantize(mode=aware"
# What the shipped records were made of, which are older than these hashes: MiniLM's package.
_SHIPPED = {"minilm": {"tokenizer": "58dbf0015b13b9f2", "config": "b3c08781209d43dd"}}


@dataclass(frozen=True)
class Setting:
    """What runs share that can be compared: all but steps and seed.

    ``examples`` are the training examples asked for and ``epochs`` those of the dense model, None
    for all and for the task's own; ``fingerprint`` is that of the data. ``phase`` tells on which
    rows they were measured, see ``Record``. ``weights``, ``tokenizer`` and ``config`` are hashes of
    the model's files, and ``data_settings`` that of the task's settings: "" where an older record
    names none, and for those that the shipped records, which are older, were made with.
    """

    model: str
    task: str
    examples: int | None
    epochs: float | None
    fingerprint: str
    phase: str = CONFIRMED
    weights: str = ""
    tokenizer: str = ""
    config: str = ""
    data_settings: str = ""
    score_name: str = ""
    max_length: int | None = field(default=None, repr=False)  # links hash the rest


@dataclass(frozen=True)
class Group:
    """The runs of one setting: for each order of operators its records by seed.

    An order is a tuple of steps as they are typed, ``("prune(epochs=4.0)", "quantize")``; the empty
    one is the dense model.
    """

    setting: Setting
    runs: Mapping[Order, Mapping[int, Record]] = field(default_factory=dict)

    def scores(self, order: Order) -> dict[int, float]:
        """Return the scores of ``order`` in percent by seed; empty when none was run."""
        return {
            seed: record.final.score for seed, record in sorted(self.runs.get(order, {}).items())
        }

    def sets(self) -> list[Order]:
        """Return the sets of operators, each sorted, of which any order was run."""
        return sorted(
            {tuple(sorted(order)) for order in self.runs},
            key=lambda operators: (len(operators), operators),
        )

    def orders(self, operators: Order) -> list[Order]:
        """Return the orders of this set of operators that were run.

        Of a set with ``quantize`` after training, orders in which quantize stands before another
        step belong to it too, although it must train there.
        """
        wanted = sorted(operators)
        after_training = QUANTIZE in operators
        return sorted(
            order
            for order in self.runs
            if sorted(_untrained(order) if after_training else order) == wanted
        )


def group(records: Iterable[Record]) -> list[Group]:
    """Return the groups of ``records``, those with most runs first.

    Of an order that was run with other students of one name, the students with most runs count.
    """
    alike: dict[tuple[Setting, Order, str], dict[int, Record]] = {}
    for record in records:
        key = (setting(record), order_of(record), students_of(record))
        alike.setdefault(key, {})[record.seed] = record
    by_setting: dict[Setting, dict[Order, dict[int, Record]]] = {}
    for (shared, order, _), seeds in alike.items():
        orders = by_setting.setdefault(shared, {})
        orders[order] = max(seeds, orders.get(order, {}), key=len)
    groups = [Group(key, runs) for key, runs in by_setting.items()]
    return sorted(groups, key=lambda members: -sum(map(len, members.runs.values())))


def setting(record: Record) -> Setting:
    """Return what ``record`` shares with the runs that it can be compared with."""
    plan = record.pipeline
    return Setting(
        record.model,
        record.task,
        plan.get("train_examples"),
        plan.get("epochs"),
        record.data.get("fingerprint", ""),
        record.phase,
        record.weights.get("sha256", ""),
        _hash(record, "tokenizer"),
        _hash(record, "config"),
        data_settings(record),
        record.score_name,
        plan.get("max_length"),
    )


def data_settings(record: Record) -> str:
    """Return the hash of the task's settings; "" for a shipped task's own, and where none is named.

    Older records name none; they were made with the shipped task's.
    """
    settings = str(record.data.get("settings", ""))
    own = record.task in TASKS and settings == TASKS[record.task].settings
    return "" if own else settings


def students_of(record: Record) -> str:
    """Return the hashes of the students that are models of their own, as one text, or ""."""
    students = record.weights.get("students")
    return json.dumps(students, sort_keys=True) if students else ""


def order_of(record: Record) -> Order:
    """Return the steps of ``record`` in their order, as a group names them."""
    return tuple(stage.step for stage in record.stages[1:])


def operator_names(order: Order) -> tuple[str, ...]:
    """Return the operators of ``order`` without their knobs: ``("prune", "quantize")``."""
    return tuple(step.partition("(")[0] for step in order)


def in_words(order: Order) -> str:
    """Return ``"prune > quantize"``, or ``"dense"`` for no operators."""
    return " > ".join(operator_names(order)) or "dense"


def as_chosen(order: Order, operators: Order) -> Order:
    """Return ``order`` as the set names it: a quantize that trains is the set's plain one."""
    if QUANTIZE not in operators:
        return order
    return tuple(QUANTIZE if step.startswith(_AWARE) else step for step in order)


def _hash(record: Record, name: str) -> str:
    """Return a hash of the model's files; "" for what the shipped records were made with."""
    value = str(record.weights.get(name, ""))
    return "" if value == _SHIPPED.get(record.model, {}).get(name) else value


def _untrained(order: Order) -> Order:
    """Return ``order`` with quantize as it would be typed if it could stand there untrained."""
    before = (QUANTIZE if step.startswith(_AWARE) else step for step in order[:-1])
    return (*before, *order[-1:])
