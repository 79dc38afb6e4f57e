"""What the study asks of comparable runs, and what they answer: verdicts, without their prose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from effexplorer.analysis.commutativity import commutativity
from effexplorer.analysis.cumulativeness import cumulativeness
from effexplorer.analysis.exit_area import exits_first, table_curve
from effexplorer.analysis.groups import Group, Order, in_words, operator_names
from effexplorer.analysis.layers import greedy_against_top
from effexplorer.analysis.multiplicativity import multiplicativity
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict
from effexplorer.exits.curve import Curve
from effexplorer.exits.table import read_table
from effexplorer.measure import main_score
from effexplorer.record import TABLE, Record
from effexplorer.tasks.spec import find_task
from effexplorer.units import many

PAIRS = (("distill", "prune"), ("distill", "quantize"), ("prune", "quantize"))
EXITS = (("exit", "slenderize"), ("exit", "slenderize", "quantize"))
# How many validation examples have each label, for tasks whose score is no correlation.
LABELS = {"reviews": (148, 148), "sst2": (428, 444), "mrpc": (129, 279), "rte": (146, 131)}


def one_answer(task: str) -> float:
    """Return the best score, in percent, of one answer for all; a correlation is 0 then."""
    counts = LABELS.get(task)
    if counts is None:
        return 0.0
    labels = np.repeat(np.arange(len(counts)), counts)
    answers = (np.full_like(labels, label) for label in range(len(counts)))
    return max(main_score(find_task(task), one, labels) for one in answers)


def orders(one: Group) -> Iterator[tuple[Order, Verdict]]:
    """Yield a verdict for every set of operators that was run in two orders, largest sets first."""
    sets = [ops for ops in one.sets() if len(ops) > 1 and len(one.orders(ops)) > 1]
    for operators in sorted(sets, key=lambda ops: (-len(ops), ops)):
        verdict = commutativity(one, operators)
        if verdict.numbers:
            yield operators, verdict


def sizes(one: Group) -> Iterator[tuple[Order, Verdict]]:
    """Yield a verdict for every pair of operators that was run apart and together."""
    for pair in PAIRS:
        verdict = multiplicativity(one, *pair)
        if verdict.numbers.get("seeds"):
            yield pair, verdict


def layers(one: Group) -> Iterator[tuple[int, Verdict]]:
    """Yield a verdict for every number of layers that was dropped by both rules."""
    for count in (1, 2, 3):
        verdict = greedy_against_top(one, count)
        if verdict.numbers:
            yield count, verdict


def exits(one: Group, runs: Path) -> Iterator[tuple[Order, Order, Verdict]]:
    """Yield two orders, exits first and exits later, and the verdict on them."""
    for names in EXITS:
        after = ("slenderize", "exit", *names[2:])
        first, last = (_curves(one, order, runs) for order in (names, after))
        if first and last:
            said = (f"orders {in_words(names)}", f"orders {in_words(after)}")
            yield names, after, exits_first(first, last, names=said)


def summary(one: Group, runs: Path) -> list[str]:
    """Return a few words on each question: order, prediction, sizes, layers, exits."""
    verdicts = (
        max((verdict for _, verdict in orders(one)), key=_orders_run, default=None),
        cumulativeness(one),
        max((verdict for _, verdict in layers(one)), key=_seeds, default=None),
        max((verdict for *_, verdict in exits(one, runs)), key=_seeds, default=None),
    )
    words = (
        lambda found: f"{found['range']:.1f} points over {found['orders']} orders",
        lambda found: f"off by {min(found['additive'], found['multiplicative']):.1f} points",
        lambda found: f"{found['difference']:+z.1f} points",
        lambda found: f"{found['area']:+z.1f} points",
    )
    cells = [_cell(*row) for row in zip(verdicts, words, strict=True)]
    pairs = Counter(verdict.answer for _, verdict in sizes(one))
    told = [
        f"**{answer}** for {many(pairs[answer], 'pair')}"
        for answer in (YES, NO, CANNOT_TELL)
        if pairs[answer]
    ]
    return [*cells[:2], ", ".join(told) or "not run", *cells[2:]]


def _cell(verdict: Verdict | None, words) -> str:
    if verdict is None or not verdict.numbers:
        return "not run"
    return f"**{verdict.answer}**: {words(verdict.numbers)}"


def _orders_run(verdict: Verdict) -> float:
    return verdict.numbers["orders"]


def _seeds(verdict: Verdict) -> float:
    return verdict.numbers["seeds"]


def _curves(one: Group, names: Order, runs: Path) -> dict[int, Curve]:
    """Return the exit curves by seed of the runs with these operators in this order."""
    found: dict[int, Curve] = {}
    for order, by_seed in one.runs.items():
        if operator_names(order) != names:
            continue
        for seed, record in by_seed.items():
            path = runs / f"{record.id}{TABLE}"
            if path.is_file():
                found[seed] = _curve(record, path)
    return found


def _curve(record: Record, path: Path) -> Curve:
    table, spec = read_table(path), find_task(record.task)
    return table_curve(table, lambda answers: main_score(spec, answers, table.labels))
