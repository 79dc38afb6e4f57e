"""Multiplicativity: whether the size reductions of two operators multiply in a run of both.

Source of the question: Movva et al. 2022, arXiv 2208.09684. A family is all runs of one set of
operators at several settings. Its reduction r is the dense model's size over the size at which the
family's own trade-off curve, score against the logarithm of size, comes down to the target: the
dense model's mean score less a fixed tolerance. ``M = r_AB / (r_A r_B)``: above 1 the combination
saves more than both apart, below 1 less. Rule: docs/verdicts.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.floor import void
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.trade_off import (
    MARGIN,
    Family,
    Points,
    Scaling,
    reductions,
    scaling,
    table,
)
from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    LEVEL,
    NO,
    YES,
    Evidence,
    Untested,
    Verdict,
    listed,
    needed_p,
)
from effexplorer.tasks.one_answer import one_answer
from effexplorer.units import many, times

TOLERANCE = 1.0  # points that a model may score below the dense one, the same for all
SETTINGS = 2  # sizes, besides the dense model's, without which a family has no curve
_SAME_SIZE = 0.01  # files that differ by less are one setting


@dataclass(frozen=True)
class ScalingEvidence:
    """What the runs say of the operators ``names``; ``target`` is the score kept, in percent."""

    names: tuple[str, str]
    target: float
    seen: Scaling

    @property
    def beyond(self) -> float:
        """Return the p-value that M is off from 1 by less than the margin."""
        return self.seen.beyond

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return YES if M is surely within a tenth of 1, NO if it is surely further off."""
        seen, (first, other) = self.seen, self.names
        answer = YES if seen.within < LEVEL else NO if corrected < LEVEL else CANNOT_TELL
        opening = {
            YES: f"The reductions of {first} and {other} multiply",
            NO: f"The reductions of {first} and {other} together are "
            + ("more than their product" if seen.ratio > 1 else "less than their product"),
            CANNOT_TELL: f"Cannot tell whether the reductions of {first} and {other} multiply",
        }[answer]
        sentence = (
            f"{opening}: at {self.target:.1f} % {first} alone makes the model {times(seen.first)} "
            f"smaller, {other} {times(seen.other)}, both {times(seen.both)}, which is "
            f"{seen.ratio:.2f} of the product (95 % interval {seen.low:.2f} to {seen.high:.2f}; "
            f"{many(seen.seeds, 'seed')})."
        )
        needs = {
            YES: needed_p("the product were missed by a tenth or more", seen.within),
            NO: needed_p("the product were missed by less than a tenth", corrected, tests),
        }
        numbers = {
            "one": seen.first,
            "other": seen.other,
            "both": seen.both,
            "difference": seen.ratio,
            "low": seen.low,
            "high": seen.high,
            "seeds": seen.seeds,
            "margin": MARGIN,
            "within": seen.within,
            "beyond": corrected,
        }
        return Verdict(answer, sentence, numbers, needs)


def size_evidence(
    group: Group, first: str, other: str, *, tolerance: float = TOLERANCE, axis: str = "bytes"
) -> Evidence:
    """Return what the runs of ``group`` say of the operators ``first`` and ``other`` (names)."""
    asked = f"Cannot tell whether the reductions of {first} and {other} multiply"
    if reason := void(group, ()):
        return Untested(reason, void=True)
    families = {
        first: family(group, (first,), axis),
        other: family(group, (other,), axis),
        "both": family(group, (first, other), axis),
    }
    dense = points(group, (), axis)
    seeds = sorted(set(dense).intersection(*(by for runs in families.values() for by in runs)))
    missing = [name for name, runs in families.items() if not runs]
    if missing or len(seeds) < 2:
        what = f"runs of {listed(missing)}" if missing else "the same two seeds of all"
        return Untested(f"{asked}: it takes {what}.")
    few = [name for name, runs in families.items() if _sizes(runs, seeds) < SETTINGS]
    if few:
        return Untested(
            f"{asked}: sizes are compared at equal score, which takes {SETTINGS} or more sizes of "
            f"each, and {listed(few)} {'was' if len(few) == 1 else 'were'} run at one."
        )
    target = float(np.mean([dense[seed][0] for seed in seeds])) - tolerance
    floor = one_answer(group.setting.task)
    if floor is not None and target <= floor:
        return Untested(
            f"Void: {many(tolerance, 'point')} below the dense model is not above one answer for "
            f"all ({floor:.1f} %).",
            void=True,
        )
    curves = {
        name: reductions(table([dense], seeds), table(runs, seeds), tolerance)
        for name, runs in families.items()
    }
    endless = [name for name, values in curves.items() if not np.isfinite(values).all()]
    if endless:
        return Untested(
            f"{asked}: even the smallest model of {listed(endless)} keeps {target:.1f} %, with all "
            "seeds or without one, so that the size at which it would not is not known."
        )
    return ScalingEvidence((first, other), target, scaling(*curves.values()))


def family(group: Group, names: Sequence[str], axis: str = "bytes") -> Family:
    """Return the runs whose operators are exactly ``names``, in any order and with any knobs.

    Steps that only train on do not count. Runs of a single seed are left out.
    """
    return [
        points(group, order, axis)
        for order, by_seed in group.runs.items()
        if set(operator_names(order)) - {"finetune"} == set(names) and len(by_seed) > 1
    ]


def points(group: Group, order: Order, axis: str) -> Points:
    """Return score and cost of ``order`` by seed."""
    runs = group.runs.get(order, {})
    return {seed: (run.final.score, run.final.cost(axis)) for seed, run in runs.items()}


def _sizes(runs: Family, seeds: Sequence[int]) -> int:
    """Return how many different sizes the runs have."""
    logs = np.sort([np.mean([math.log(by[seed][1]) for seed in seeds]) for by in runs])
    return 1 + int((np.diff(logs) > _SAME_SIZE).sum())
