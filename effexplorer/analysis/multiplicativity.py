"""Multiplicativity: whether the size reductions of two operators multiply in a run of both.

Source of the question: Movva et al. 2022, arXiv 2208.09684. At a tolerance e in points, r_X is the
dense model's size over the smallest size among the runs of X whose score is at least a0 - e, and
``M = r_AB / (r_A r_B)``: above 1 the combination saves more than both apart, below 1 less.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from effexplorer import limits
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict, listed
from effexplorer.units import many, times

TOLERANCES = (1.0, 3.0, 10.0)  # points that a run may score below the dense model
MARGIN = 1.1  # a reduction off by a tenth is no other choice of operators
_EXACT = 5  # seeds: their 3,125 resamples are all looked at; more are drawn
_LOST = 0.05  # of the resamples may have no run that keeps the score

Family = Mapping[Order, Mapping[int, tuple[float, float]]]  # score and size by order and seed


@dataclass(frozen=True)
class Scaling:
    """The size reductions ``one``, ``other`` and ``both``, and ``ratio``: both / (one * other).

    ``low`` and ``high`` are the ratio's 95 % bootstrap interval over ``seeds`` seeds; ``lost`` the
    share of resamples, 0 to 1, in which some family kept the score nowhere. What cannot be told is
    NaN.
    """

    one: float
    other: float
    both: float
    ratio: float
    low: float
    high: float
    seeds: int
    lost: float


def family(group: Group, names: Sequence[str], axis: str = "bytes") -> Family:
    """Return score and cost of all runs whose operators are exactly ``names``, however often.

    Any order and any knobs count; no names are the dense model.
    """
    return {
        order: {seed: (one.final.score, one.final.cost(axis)) for seed, one in by_seed.items()}
        for order, by_seed in group.runs.items()
        if set(operator_names(order)) == set(names)
    }


def scaling(
    dense: Mapping[int, tuple[float, float]],
    one: Family,
    other: Family,
    both: Family,
    *,
    tolerance: float = TOLERANCES[0],
) -> Scaling:
    """Return the reductions of three families against ``dense``, score and size by seed.

    Scores and sizes are means over the most seeds that the dense model and some run of each family
    have; a run counts only with all of them. A resample draws as many seeds anew, and the smallest
    runs are chosen anew in it.
    """
    families = (one, other, both)
    seeds = _shared_seeds(dense, families)
    if not seeds:
        return Scaling(*(math.nan,) * 6, seeds=0, lost=1.0)
    base = _table([dense], seeds)  # (1, seeds, 2)
    tables = [_table(runs.values(), seeds) for runs in families]
    point = [_reduction(base, table, tolerance) for table in tables]
    ratios = []
    for drawn in _resamples(len(seeds)):
        found = [_reduction(base[:, drawn], table[:, drawn], tolerance) for table in tables]
        ratios.append(_ratio(found))
    kept = np.array(ratios)[np.isfinite(ratios)]
    low, high = np.quantile(kept, (0.025, 0.975)) if len(kept) else (math.nan, math.nan)
    lost = 1 - len(kept) / len(ratios)
    return Scaling(*point, _ratio(point), float(low), float(high), len(seeds), lost)


def multiplicativity(
    group: Group,
    one: str,
    other: str,
    *,
    tolerances: Sequence[float] = TOLERANCES,
    axis: str = "bytes",
) -> Verdict:
    """Return whether the size reductions of operators ``one`` and ``other`` (names) multiply.

    The first of ``tolerances`` counts at which runs of each and of both keep the score.
    YES when the whole bootstrap interval of M lies within a tenth of 1: sizes hardly vary with the
    seed, so that an interval need not hold 1 exactly. NO when it lies beyond, all above or all
    below 1. Else, from one seed, and where no run of a family keeps the score, it cannot be told.
    """
    families = [family(group, names, axis) for names in ((one,), (other,), (one, other))]
    dense = family(group, (), axis).get((), {})
    for tolerance in tolerances:
        found = scaling(dense, *families, tolerance=tolerance)
        if math.isfinite(found.ratio):
            break
    numbers = asdict(found) | {"tolerance": tolerance}
    asked = f"Cannot tell whether the reductions of {one} and {other} multiply"
    if not found.seeds:
        return Verdict(
            CANNOT_TELL,
            f"{asked}: it takes runs of the dense model, of each alone and of both, with one seed.",
            numbers,
        )
    reductions = dict(zip((one, other, "both"), (found.one, found.other, found.both), strict=True))
    nowhere = [name for name, value in reductions.items() if math.isnan(value)]
    if nowhere:
        return Verdict(
            CANNOT_TELL,
            f"{asked}: no run of {listed(nowhere, 'or')} keeps the score within "
            f"{many(tolerance, 'point')} of the dense model.",
            numbers,
        )
    words = (
        f"{one} alone makes the model {times(found.one)} smaller, {other} {times(found.other)}, "
        f"both {times(found.both)}, which is {found.ratio:.2f} of the product"
    )
    if found.seeds < 2:
        return Verdict(CANNOT_TELL, f"{asked}, from one seed: {words}.", numbers)
    answer = _answer(found)
    opening = {
        YES: f"The reductions of {one} and {other} multiply",
        NO: f"The reductions of {one} and {other} together are "
        + ("more than their product" if found.ratio > 1 else "less than their product"),
        CANNOT_TELL: asked,
    }[answer]
    sure = f"95 % interval {found.low:.2f} to {found.high:.2f}, {found.seeds} seeds"
    sentence = f"{opening}: {words} ({sure}; score kept within {many(tolerance, 'point')})."
    if found.lost > _LOST:
        sentence += f" In {100 * found.lost:.0f} % of the resamples some runs did not keep it."
    return Verdict(answer, sentence, numbers)


def _answer(found: Scaling) -> str:
    if found.lost > _LOST:
        return CANNOT_TELL
    if found.low >= 1 / MARGIN and found.high <= MARGIN:
        return YES
    return NO if found.low > 1 or found.high < 1 else CANNOT_TELL


def _shared_seeds(dense: Mapping[int, Any], families: Sequence[Family]) -> list[int]:
    """Return the most seeds that ``dense`` and a run of every family have; of equals the least."""
    kinds = ({frozenset(by) for by in runs.values()} for runs in families)
    found = [sorted(set(dense).intersection(*chosen)) for chosen in itertools.product(*kinds)]
    return min(found, key=lambda seeds: (-len(seeds), seeds), default=[])


def _table(runs: Sequence[Mapping[int, tuple[float, float]]], seeds: list[int]) -> np.ndarray:
    """Return score and size ``(runs, seeds, 2)`` of the runs that have all ``seeds``."""
    whole = [[by[seed] for seed in seeds] for by in runs if set(seeds) <= set(by)]
    return np.array(whole, dtype=float).reshape(-1, len(seeds), 2)


def _reduction(dense: np.ndarray, runs: np.ndarray, tolerance: float) -> float:
    """Return the dense size over the smallest that keeps the score; NaN where none does."""
    score, size = dense.mean(1)[0]
    means = runs.mean(1)  # (runs, 2)
    kept = means[means[:, 0] >= score - tolerance - 1e-9, 1]
    return float(size / kept.min()) if len(kept) else math.nan


def _ratio(reductions: Sequence[float]) -> float:
    one, other, both = reductions
    return both / (one * other)


def _resamples(seeds: int) -> list[list[int]]:
    """Return places of seeds, as many for each resample: all there are, or draws of them."""
    if seeds <= _EXACT:
        return [list(drawn) for drawn in itertools.product(range(seeds), repeat=seeds)]
    generator = np.random.default_rng(0)
    return generator.integers(seeds, size=(limits.BOOTSTRAP_RESAMPLES, seeds)).tolist()
