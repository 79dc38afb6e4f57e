"""Whether combinations score what their single operators predict: the sum of their effects.

Source of the question: Xin et al. 2023, Findings of ACL (arXiv 2208.00483). The error of a
combination is its measured score less ``a0 + sum(a_i - a0)``, by seed. What counts is the root mean
square of the true errors, over all combinations. Rule: docs/verdicts.md.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.cumulativeness import why_not
from effexplorer.analysis.floor import void
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.practical import Practical, practical
from effexplorer.analysis.prefixes import noise
from effexplorer.analysis.statistics import Values
from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    LEVEL,
    MARGIN,
    NO,
    YES,
    Evidence,
    Untested,
    Verdict,
    needed_p,
)
from effexplorer.units import many

_LEAST_SEEDS = 2


@dataclass(frozen=True)
class Error:
    """How far ``combinations`` lie from the sum of single effects, in points.

    ``error`` is the root mean square of their mean errors over ``seeds``, ``bias`` their mean, and
    ``low`` to ``high`` the 95 % interval of ``error``. ``skill`` is R2: the share of the variance
    between combinations that the sum explains, below 0 where their plain mean explains more.
    ``within`` and ``beyond`` are the p-values that the true error is at least and at most
    ``margin``.
    """

    combinations: int
    seeds: int
    error: float
    low: float
    high: float
    bias: float
    skill: float
    margin: float
    within: float
    beyond: float


@dataclass(frozen=True)
class ErrorEvidence:
    """What the runs of a group say of the sum of effects; see ``Error``."""

    seen: Error
    practical: Practical

    @property
    def beyond(self) -> float:
        """Return the p-value that the true error is at most the margin."""
        return self.seen.beyond

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return YES if the error is surely within the margin and the sum beats a constant."""
        seen, margin = self.seen, many(self.seen.margin, "point")
        close = seen.within < LEVEL
        answer = YES if close and seen.skill > 0 else NO if corrected < LEVEL else CANNOT_TELL
        opening = {
            YES: f"Combinations can be predicted: the error is surely below {margin}",
            NO: f"Combinations cannot be predicted: the error is surely above {margin}",
            CANNOT_TELL: f"Cannot tell whether predictions are within {margin}",
        }[answer]
        if close and answer == CANNOT_TELL:
            opening = (
                f"Cannot tell whether combinations can be predicted: the error is below {margin}, "
                "but the mean of all combinations predicts them as well"
            )
        sentence = (
            f"{opening}. Measured scores lie "
            f"{self.practical.words(seen.error, 'from the sum of single effects')} "
            f"(root mean square; 95 % interval {seen.low:.1f} to {seen.high:.1f}; "
            f"{many(seen.combinations, 'combination')}, {many(seen.seeds, 'seed')}), and "
            f"{seen.bias:+z.1f} points on average. The sum explains {_share(seen.skill)} of what "
            "sets combinations apart (R²)."
        )
        needs = {
            YES: needed_p(f"the true error were {margin} at least", seen.within)
            + "; and R² above 0",
            NO: needed_p(f"the true error were {margin} at most", corrected, tests),
        }
        numbers = {
            "combinations": seen.combinations,
            "seeds": seen.seeds,
            "difference": seen.error,
            "low": seen.low,
            "high": seen.high,
            "bias": seen.bias,
            "skill": seen.skill,
            "margin": seen.margin,
            "within": seen.within,
            "beyond": corrected,
        }
        return Verdict(answer, sentence, numbers, needs)


def error_evidence(group: Group, *, margin: float = MARGIN) -> Evidence:
    """Return what the runs of ``group`` say of the sum of single effects."""
    orders, seeds = _predictable(group)
    singles = sorted({(step,) for order in orders for step in order})
    nodes: list[Order] = [(), *singles, *orders]
    if not orders:
        return Untested(
            "Cannot tell whether combinations can be predicted: it takes the dense model, each "
            "operator alone and a combination, all with the same two seeds or more."
        )
    if reason := void(group, nodes):
        return Untested(reason, void=True)
    scores = np.array([[group.runs[order][seed].final.score for seed in seeds] for order in nodes])
    return ErrorEvidence(prediction_error(nodes, scores, margin), practical(group))


def _predictable(group: Group) -> tuple[list[Order], tuple[int, ...]]:
    """Return the combinations whose parts were run with the same seeds, and these seeds.

    Of all sets of two seeds or more that which most combinations have. Steps that only train on are
    controls, not operators.
    """
    seeds_of: dict[Order, frozenset[int]] = {}
    for order in sorted(group.runs):
        if "finetune" in operator_names(order) or why_not(group, order):
            continue
        parts = [order, (), *((step,) for step in order)]
        seeds_of[order] = frozenset.intersection(*(frozenset(group.runs[part]) for part in parts))
    counts = Counter(seeds for seeds in seeds_of.values() if len(seeds) >= _LEAST_SEEDS)
    if not counts:
        return [], ()
    chosen = max(counts, key=lambda seeds: (counts[seeds], len(seeds), sorted(seeds)))
    return [order for order, seeds in seeds_of.items() if chosen <= seeds], tuple(sorted(chosen))


def prediction_error(nodes: list[Order], scores: Values, margin: float) -> Error:
    """Return the error of the sum; ``scores`` (nodes, seeds) are those of ``nodes``.

    The nodes are the dense model, then single operators, then combinations of these. By the
    triangle inequality the true root mean square is no further from the measured one than the
    noise is long. The noise's squared length over its estimate follows F, with Box's degrees of
    freedom (Brunner, Dette and Munk 1997, J. American Statistical Association 92), which the
    covariance under the prefix model gives.
    """
    from scipy.special import fdtrc, fdtri

    seeds = scores.shape[1]
    weights = _weights(nodes)  # (combinations, nodes)
    errors = weights @ scores  # (combinations, seeds)
    combinations = len(errors)
    covariance = weights @ noise(nodes, scores).of_pairs @ weights.T / -2
    spread = float((covariance * covariance.T).sum())
    box = float(np.trace(covariance)) ** 2 / spread if spread else 1.0
    freedom = box, box * (seeds - 1)
    length = math.sqrt(float(errors.var(1, ddof=1).mean()) / seeds)  # of the noise, estimated
    root = math.sqrt(float((errors.mean(1) ** 2).mean()))
    half = length * math.sqrt(float(fdtri(*freedom, 0.95)))

    def tail(distance: float) -> float:
        """Return the chance that the noise is longer than ``distance``."""
        if distance <= 0:
            return 1.0
        return float(fdtrc(*freedom, (distance / length) ** 2)) if length else 0.0

    measured = scores[-combinations:].mean(1)
    spread_of_means = float(((measured - measured.mean()) ** 2).mean())
    return Error(
        combinations=combinations,
        seeds=seeds,
        error=root,
        low=max(0.0, root - half),
        high=root + half,
        bias=float(errors.mean()),
        skill=1 - root**2 / spread_of_means if spread_of_means else -math.inf,
        margin=margin,
        within=tail(margin - root),
        beyond=tail(root - margin),
    )


def _weights(nodes: list[Order]) -> Values:
    """Return by what each node counts in the error of each combination."""
    place = {node: at for at, node in enumerate(nodes)}
    combinations = [node for node in nodes if len(node) > 1]
    weights = np.zeros((len(combinations), len(nodes)))
    for row, order in zip(weights, combinations, strict=True):
        row[place[order]] += 1
        row[place[()]] += len(order) - 1
        for step in order:
            row[place[(step,)]] -= 1
    return weights


def _share(skill: float) -> str:
    return "nothing" if skill <= 0 else f"{100 * skill:.0f} %"
