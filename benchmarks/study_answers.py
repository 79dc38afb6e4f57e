"""What the study asks of comparable runs, and what they answer: verdicts, without their prose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from effexplorer.analysis.commutativity import commutativity
from effexplorer.analysis.cumulativeness import cumulativeness
from effexplorer.analysis.exit_area import exit_pair, exits_first, run_curve
from effexplorer.analysis.groups import Group, Order, in_words, operator_names
from effexplorer.analysis.layers import greedy_against_top
from effexplorer.analysis.multiplicativity import multiplicativity
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict
from effexplorer.exits.curve import Curve
from effexplorer.measure import main_score
from effexplorer.tasks.registry import find_task
from effexplorer.units import many

PAIRS = (("distill", "prune"), ("distill", "quantize"), ("prune", "quantize"))
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
    """Yield two orders, exits first and as late as they were run, and the verdict on them.

    A pair for each set of operators, those with slenderize first; one seed says nothing.
    """
    pairs = [exit_pair(one, operators) for operators in one.sets()]
    for first, last in sorted(filter(None, pairs), key=_without_narrowing):
        said = tuple(f"orders {in_words(order)}" for order in (first, last))
        verdict = exits_first(*(_curves(one, order, runs) for order in (first, last)), names=said)
        if verdict.numbers.get("seeds", 0) > 1:
            yield first, last, verdict


def summary(one: Group, runs: Path) -> list[str]:
    """Return a few words on each question: order, prediction, sizes, layers, exits."""
    verdicts = (
        max((verdict for _, verdict in orders(one)), key=_orders_run, default=None),
        cumulativeness(one),
        max((verdict for _, verdict in layers(one)), key=_seeds, default=None),
    )
    words = (
        lambda found: f"{found['range']:.1f} points over {found['orders']} orders",
        lambda found: f"off by {min(found['additive'], found['multiplicative']):.1f} points",
        lambda found: f"{found['difference']:+z.1f} points",
    )
    order, predicted, dropped = (_cell(*row) for row in zip(verdicts, words, strict=True))
    multiplied = _counted(verdict for _, verdict in sizes(one))
    placed = _counted(verdict for *_, verdict in exits(one, runs))
    return [order, predicted, multiplied, dropped, placed]


def _counted(verdicts: Iterable[Verdict]) -> str:
    """Return ``"**yes** for 2 pairs, **no** for 1 pair"``."""
    pairs = Counter(verdict.answer for verdict in verdicts)
    told = (
        f"**{answer}** for {many(pairs[answer], 'pair')}"
        for answer in (YES, NO, CANNOT_TELL)
        if pairs[answer]
    )
    return ", ".join(told) or "not run"


def _cell(verdict: Verdict | None, words) -> str:
    if verdict is None or not verdict.numbers:
        return "not run"
    return f"**{verdict.answer}**: {words(verdict.numbers)}"


def _orders_run(verdict: Verdict) -> float:
    return verdict.numbers["orders"]


def _seeds(verdict: Verdict) -> float:
    return verdict.numbers["seeds"]


def _without_narrowing(pair: tuple[Order, Order]) -> tuple:
    first, _ = pair
    return "slenderize" not in operator_names(first), -len(first), first


def _curves(one: Group, order: Order, runs: Path) -> dict[int, Curve]:
    """Return the exit curves of ``order`` by seed, of the runs whose exit tables are kept."""
    found = {seed: run_curve(record, runs) for seed, record in one.runs[order].items()}
    return {seed: curve for seed, curve in found.items() if curve is not None}
