"""A verdict: what an analysis answers, in a sentence with its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from effexplorer.analysis.statistics import holm
from effexplorer.units import many

YES, NO, CANNOT_TELL = "yes", "no", "cannot tell"
LEVEL = 0.05  # the chance of error that every answer allows
MARGIN = 1.0  # points that matter, unless chosen otherwise: nine of SST-2's 872 sentences


@dataclass(frozen=True)
class Verdict:
    """The answer to one question about runs.

    ``answer`` is YES, NO or CANNOT_TELL. ``sentence`` says it in words with the numbers that led to
    it; ``needs`` says what YES and NO would take, and ``numbers`` are the same by name. ``void``
    tells that the runs cannot be compared at all.
    """

    answer: str
    sentence: str
    numbers: dict[str, float] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    void: bool = False


class Evidence(Protocol):
    """What the runs say of one question, before it is known how many others are asked with it."""

    @property
    def beyond(self) -> float:
        """Return the p-value of the claim that needs correction; NaN where nothing was tested."""

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return the verdict, ``beyond`` being ``corrected`` for ``tests`` questions."""


def judge(evidence: Sequence[Evidence]) -> list[Verdict]:
    """Return the verdict on each of the questions of one page, corrected for their number (Holm).

    Questions that could not be tested count neither for nor against.
    """
    tested = [item.beyond for item in evidence if not math.isnan(item.beyond)]
    corrected = iter(holm(tested))
    return [
        item.verdict(math.nan if math.isnan(item.beyond) else next(corrected), len(tested))
        for item in evidence
    ]


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return ``"a"``, ``"a and b"`` or ``"a, b and c"``."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def interval(low: float, high: float) -> str:
    """Return ``"95 % interval +0.2 to +1.4"`` of a difference in points."""
    return f"95 % interval {low:+z.1f} to {high:+z.1f}"


def chance(p: float) -> str:
    """Return a p-value as it is written: ``"p = 0.41"``, ``"p = 0.004"``, ``"p < 0.001"``."""
    if math.isnan(p):
        return "p unknown"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def needed_p(unless: str, p: float, tests: int = 1) -> str:
    """Return ``"p < 0.05 if two orders were 1 point apart; it is 0.91"``, what an answer needs.

    ``unless`` is what the answer excludes; ``tests`` are those that ``p`` is corrected for.
    """
    value = chance(p).removeprefix("p = ").removeprefix("p ")
    corrected = f", corrected for {many(tests, 'verdict')}" if tests > 1 else ""
    return f"p < {LEVEL} if {unless}; it is {value}{corrected}"


def seeds_needed(seeds: int | None) -> str:
    """Return ``"it would take about 9 seeds"``, or that a hundred would hardly do (None)."""
    if seeds is None:
        return "even 100 seeds would hardly tell"
    return f"it would take about {many(seeds, 'seed')} to tell"


@dataclass(frozen=True)
class Untested:
    """A question that the runs cannot answer, and why; ``void`` as in ``Verdict``."""

    sentence: str
    void: bool = False
    beyond: float = math.nan

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return that it cannot be told."""
        return Verdict(CANNOT_TELL, self.sentence, void=self.void)
