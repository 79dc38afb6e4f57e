"""Exit curves compared: by the area between them, at the same compute.

A curve is score against mean MACs, one point for each threshold (``exits.curve``). Between two
points it is a straight line: leaving by the one threshold or the other at random gets there.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from effexplorer.analysis.advantage import AdvantageEvidence, advantages
from effexplorer.analysis.floor import void
from effexplorer.analysis.groups import Group, Order, in_words, operator_names
from effexplorer.analysis.verdict import MARGIN, Evidence, Untested
from effexplorer.errors import UserError
from effexplorer.exits.curve import Curve, curve
from effexplorer.exits.policies import READINESS, policies
from effexplorer.exits.table import ExitTable, read_table
from effexplorer.operators import EarlyExit
from effexplorer.pipeline import parse_steps
from effexplorer.records.schema import EXIT_TABLE_SUFFIX, Record
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.scores import SCORES

Curves = Callable[[Order], Mapping[int, Curve]]


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


def area_between(first: Curve, other: Curve) -> float | None:
    """Return how many points ``first`` scores more than ``other``, averaged over MACs.

    The area between them over the range of MACs that both reach, divided by its width; None where
    they share no range.
    """
    lines = (_line(first), _line(other))
    low = max(costs[0] for costs, _ in lines)
    high = min(costs[-1] for costs, _ in lines)
    if low >= high:
        return None
    knots = np.unique(np.clip(np.concatenate([costs for costs, _ in lines]), low, high))
    ours, theirs = (np.interp(knots, costs, scores) for costs, scores in lines)
    return float(np.trapezoid(ours - theirs, knots) / (high - low))


@dataclass(frozen=True)
class ExitPair:
    """An order that begins with exits, and the same one with exits as late as was run.

    ``trained`` are the epochs in which exits were trained in the one and in the other.
    """

    first: Order
    last: Order
    trained: tuple[float, float]

    @property
    def matched(self) -> bool:
        """Tell whether exits were trained equally long in both."""
        return math.isclose(*self.trained)


def exit_pairs(group: Group) -> list[ExitPair]:
    """Return a pair for each order that begins with exits, those with matched training alone.

    Training is matched by the epochs of the later exits, by ``catch_up``, or by ``finetune`` steps,
    which count as training and not as an operator. Where no match was run, the pair is the one of
    most seeds, then that with the latest exits.
    """
    pairs = []
    for first in sorted(group.runs):
        if len(bare := _bare(first)) < 2 or operator_names(bare)[0] != "exit":
            continue
        others = [
            ExitPair(first, last, (_trained(group, first), _trained(group, last)))
            for last in sorted(group.runs)
            if _same_but_later(bare, _bare(last))
        ]
        if others:
            pairs.append(
                max(
                    others,
                    key=lambda pair: (
                        pair.matched,
                        _common_seeds(group, pair),
                        exit_place(pair.last),
                    ),
                )
            )
    return pairs


def exit_evidence(
    group: Group, curves: Curves, *, margin: float = MARGIN
) -> dict[ExitPair, Evidence]:
    """Return what the runs of ``group`` say of every pair: do exits first score more?

    ``curves`` gives an order's exit curves by seed. What is compared is the area between both
    curves, paired by seed; training must be matched.
    """
    answers: dict[ExitPair, Evidence] = {}
    areas: dict[ExitPair, list[float]] = {}
    for pair in exit_pairs(group):
        reason = void(group, (pair.first, pair.last)) or _unmatched(pair)
        if reason:
            answers[pair] = Untested(reason, void=True)
            continue
        ours, theirs = curves(pair.first), curves(pair.last)
        known = [area_between(ours[seed], theirs[seed]) for seed in sorted(set(ours) & set(theirs))]
        areas[pair] = [area for area in known if area is not None]
        answers[pair] = Untested(
            f"Cannot tell whether {in_words(pair.first)} scores more than {in_words(pair.last)}: "
            "it takes two seeds with curves that share a range of compute."
        )
    tested = [pair for pair in areas if len(areas[pair]) > 1]
    for pair, seen in zip(
        tested, advantages([areas[pair] for pair in tested], margin=margin), strict=True
    ):
        first, last = (f"orders {in_words(order)}" for order in (pair.first, pair.last))
        answers[pair] = AdvantageEvidence(first, last, seen, better="score at the same compute")
    return answers


def exit_place(order: Order) -> int:
    """Return at which place of ``order`` the exits stand."""
    return operator_names(order).index("exit")


def _bare(order: Order) -> Order:
    """Return ``order`` without the steps that only train on."""
    return tuple(step for step in order if operator_names((step,)) != ("finetune",))


def _same_but_later(first: Order, last: Order) -> bool:
    """Tell whether ``last`` is ``first`` with its exits later, however long these are trained."""
    if operator_names(last).count("exit") != 1 or (at := exit_place(last)) == 0:
        return False
    rest = last[:at] + last[at + 1 :]
    return rest == first[1:] and _knobs(last[at]) == _knobs(first[0])


def _knobs(step: str) -> EarlyExit:
    """Return the exits of a typed step as they are trained, however long."""
    return dataclasses.replace(_exits(step), epochs=0.0, catch_up="no")


def _exits(step: str) -> EarlyExit:
    (exits,) = parse_steps(step)
    if not isinstance(exits, EarlyExit):
        raise UserError(f"exits: must be an exit step; got {step}.")
    return exits


def _trained(group: Group, order: Order) -> float:
    """Return in how many epochs of ``order`` exits were trained: from their own step on."""
    at = exit_place(order)
    dense = group.setting.epochs or find_task(group.setting.task).epochs
    before, after = _epochs(order[:at]), _epochs(order[at + 1 :])
    return _exits(order[at]).passes(dense, before) + sum(epochs or dense for epochs in after)


def _epochs(order: Order) -> tuple[float, ...]:
    """Return the epochs of each step that trains; 0 stands for those of the dense model."""
    steps = parse_steps(" > ".join(order))
    return tuple(float(getattr(step, "epochs", 0.0)) for step in steps if step.trains)


def _unmatched(pair: ExitPair) -> str:
    if pair.matched:
        return ""
    ours, theirs = pair.trained
    return (
        f"Void: exits were trained for {ours:g} epochs in {in_words(pair.first)} and for "
        f"{theirs:g} in {in_words(pair.last)}."
    )


def _common_seeds(group: Group, pair: ExitPair) -> int:
    return len(group.runs[pair.first].keys() & group.runs[pair.last].keys())


def _line(points: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return MACs in strictly rising order and their scores; of equal MACs the mean score."""
    costs, place = np.unique(points.macs, return_inverse=True)
    return costs, np.bincount(place, weights=points.scores) / np.bincount(place)
