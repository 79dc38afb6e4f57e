"""Whether one way is better than another by more than a margin, from differences paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from effexplorer.analysis.practical import Practical
from effexplorer.analysis.sample_size import seeds_that_tell
from effexplorer.analysis.statistics import critical, mean_and_error, moderate, upper_tail
from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    LEVEL,
    MARGIN,
    NO,
    YES,
    Verdict,
    interval,
    needed_p,
    seeds_needed,
)
from effexplorer.units import many


@dataclass(frozen=True)
class Advantage:
    """By how many points one way scores more than another, over ``seeds`` seeds.

    ``low`` and ``high`` are the 95 % interval of ``difference``. ``within`` is the p-value that the
    true advantage is at least ``margin``, ``beyond`` that it is at most that.
    """

    difference: float
    low: float
    high: float
    seeds: int
    margin: float
    within: float
    beyond: float
    error: float


@dataclass(frozen=True)
class AdvantageEvidence:
    """What the runs say of ``first`` against ``other``, both as a sentence names them."""

    first: str
    other: str
    seen: Advantage
    practical: Practical = field(default_factory=Practical)
    better: str = "score"

    @property
    def beyond(self) -> float:
        """Return the p-value that the advantage is at most the margin."""
        return self.seen.beyond

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return YES if ``first`` is surely better by more than the margin, NO if surely not."""
        seen, margin = self.seen, many(self.seen.margin, "point")
        answer = YES if corrected < LEVEL else NO if seen.within < LEVEL else CANNOT_TELL
        opening = {
            YES: f"{self.first} {self.better} surely more than {margin} above {self.other}",
            NO: f"{self.first} {self.better} surely less than {margin} above {self.other}, "
            "or below",
            CANNOT_TELL: f"Cannot tell whether {self.first} {self.better} more than {margin} above "
            f"{self.other}",
        }[answer]
        sentence = (
            f"{opening}: {self.practical.words(seen.difference, 'on average')} "
            f"({interval(seen.low, seen.high)}; {many(seen.seeds, 'seed')})."
        )
        needed = None
        if answer == CANNOT_TELL:
            level = LEVEL if seen.difference < seen.margin else LEVEL / tests
            gap = seen.difference - seen.margin
            needed = seeds_that_tell(gap, seen.error, seen.seeds, level=level)
            sentence += f" If that is the true difference, {seeds_needed(needed)}."
        needs = {
            YES: needed_p(f"the true difference were {margin} at most", corrected, tests),
            NO: needed_p(f"the true difference were {margin} at least", seen.within),
        }
        numbers = {
            "difference": seen.difference,
            "low": seen.low,
            "high": seen.high,
            "seeds": seen.seeds,
            "margin": seen.margin,
            "within": seen.within,
            "beyond": corrected,
            "needed": float("nan") if needed is None else needed,
        }
        return Verdict(answer, sentence[:1].upper() + sentence[1:], numbers, needs)


def advantages(
    differences: Sequence[Sequence[float]], *, margin: float = MARGIN
) -> list[Advantage]:
    """Return what differences by seed say, each list of two seeds or more.

    The lists are pairs on the same task: their variances are moderated together.
    """
    if not differences:
        return []
    summaries = [mean_and_error(values) for values in differences]
    seeds = np.array([len(values) for values in differences])
    variances, freedoms = moderate(
        np.array([error**2 for _, error, _ in summaries]) * seeds, np.array(seeds - 1.0)
    )
    errors = np.sqrt(variances / seeds)
    means = [mean for mean, *_ in summaries]
    return [
        _advantage(mean, float(error), float(freedom), int(number), margin)
        for mean, error, freedom, number in zip(means, errors, freedoms, seeds, strict=True)
    ]


def _advantage(mean: float, error: float, freedom: float, seeds: int, margin: float) -> Advantage:
    half = critical(0.975, freedom) * error
    above = float(upper_tail(np.array(mean - margin), np.array(error), freedom))
    return Advantage(
        mean, mean - half, mean + half, seeds, margin, within=1 - above, beyond=above, error=error
    )
