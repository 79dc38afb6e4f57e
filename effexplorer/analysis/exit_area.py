"""Exit curves compared: by the area between them, at the same compute.

A curve is score against mean MACs, one point for each threshold (``exits.curve``). Between two
points it is a straight line: leaving by the one threshold or the other at random gets there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from effexplorer.analysis.groups import Group, Order, as_chosen, operator_names
from effexplorer.analysis.statistics import paired_interval
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict, interval
from effexplorer.errors import UserError
from effexplorer.exits.curve import Curve, curve
from effexplorer.exits.policies import READINESS, policies
from effexplorer.exits.table import ExitTable, read_table
from effexplorer.records.schema import EXIT_TABLE_SUFFIX, Record
from effexplorer.tasks.scores import SCORES


def run_curve(record: Record, folder: Path) -> Curve | None:
    """Return the curve of the run whose exit table stands beside its record in ``folder``.

    None where there is no table, or it cannot be read. The last ones are remembered.
    """
    path = folder / f"{record.id}{EXIT_TABLE_SUFFIX}"
    try:
        return _read_curve(path, path.stat().st_mtime_ns, record.score_name)
    except (OSError, KeyError, UserError):  # no table, another version's task, a damaged file
        return None


@lru_cache(maxsize=512)
def _read_curve(path: Path, stamp: int, score_name: str) -> Curve:
    score, table = SCORES[score_name], read_table(path)
    return table_curve(table, lambda answers: 100 * score(answers, table.labels))


def table_curve(table: ExitTable, score: Callable[[np.ndarray], float]) -> Curve:
    """Return the curve of a run's exit table by the first policy that fits its task.

    ``score`` takes one answer per example, a class or a number, and returns percent.
    """
    regression = table.logits.shape[-1] == 1
    answers = table.logits[..., 0] if regression else table.logits.argmax(-1)  # (examples, exits)
    said = answers if regression else table.probabilities()
    readiness = READINESS[policies(regression=regression)[0]](said)
    return curve(readiness, answers, table.macs, table.layers, score)


def area_between(one: Curve, other: Curve) -> float | None:
    """Return how many points ``one`` scores more than ``other``, averaged over MACs.

    The area between them over the range of MACs that both reach, divided by its width; None where
    they share no range.
    """
    lines = (_line(one), _line(other))
    low = max(costs[0] for costs, _ in lines)
    high = min(costs[-1] for costs, _ in lines)
    if low >= high:
        return None
    knots = np.unique(np.clip(np.concatenate([costs for costs, _ in lines]), low, high))
    ours, theirs = (np.interp(knots, costs, scores) for costs, scores in lines)
    return float(np.trapezoid(ours - theirs, knots) / (high - low))


def exit_pair(group: Group, operators: Order) -> tuple[Order, Order] | None:
    """Return an order that begins with exit, and the same one with exit as late as was run.

    Of several such pairs among the orders of ``operators`` the one with most seeds in common, then
    the first by name; None where there is none.
    """
    pairs = list(_exit_pairs(group, operators))
    return min(pairs, key=lambda pair: (-_common_seeds(group, pair), pair), default=None)


def exits_first(
    first: Mapping[int, Curve],
    last: Mapping[int, Curve],
    *,
    names: tuple[str, str] = ("exits before compression", "exits after it"),
) -> Verdict:
    """Return whether the curves ``first`` are better than ``last``, both by seed.

    YES or NO when the 95 % interval (Student's t) of the area between them, paired by seed, lies on
    one side of 0; else, and from fewer than two seeds that both have, it cannot be told.
    """
    areas = {seed: area_between(first[seed], last[seed]) for seed in sorted(set(first) & set(last))}
    known = [area for area in areas.values() if area is not None]
    question = f"Cannot tell whether {names[0]} score more than {names[1]} at the same compute"
    if not known:
        return Verdict(CANNOT_TELL, f"{question}: no seed has two curves that share a range.")
    mean, low, high = paired_interval(known)
    numbers = {"area": mean, "low": low, "high": high, "seeds": len(known)}
    if len(known) < 2:
        return Verdict(
            CANNOT_TELL, f"{question} from one seed, where it is {mean:+z.1f} points.", numbers
        )
    answer = YES if low > 0 else NO if high < 0 else CANNOT_TELL
    opening = {
        YES: f"{_capital(names[0])} score more than {names[1]} at the same compute",
        NO: f"{_capital(names[0])} score less than {names[1]} at the same compute",
        CANNOT_TELL: question,
    }[answer]
    sure = interval(low, high, len(known))
    return Verdict(answer, f"{opening}: {mean:+z.1f} points on average ({sure}).", numbers)


def _exit_pairs(group: Group, operators: Order) -> Iterator[tuple[Order, Order]]:
    orders = group.orders(operators)
    for first in orders:
        if operator_names(first)[:1] != ("exit",):
            continue
        rest = as_chosen(first, operators)[1:]
        others = [
            order
            for order in orders
            if order != first and _without(first[0], as_chosen(order, operators)) == rest
        ]
        if others:
            yield first, max(others, key=lambda order: order.index(first[0]))


def _without(exit: str, order: Order) -> Order:
    at = order.index(exit)
    return order[:at] + order[at + 1 :]


def _common_seeds(group: Group, pair: tuple[Order, Order]) -> int:
    first, last = (group.runs[order].keys() for order in pair)
    return len(first & last)


def _line(one: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return MACs in strictly rising order and their scores; of equal MACs the mean score."""
    costs, place = np.unique(one.macs, return_inverse=True)
    return costs, np.bincount(place, weights=one.scores) / np.bincount(place)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
