"""A verdict: what an analysis answers, in a sentence with its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from effexplorer.units import many

YES, NO, CANNOT_TELL = "yes", "no", "cannot tell"


@dataclass(frozen=True)
class Verdict:
    """The answer to one question about runs.

    ``answer`` is YES, NO or CANNOT_TELL. ``sentence`` says it in words with the numbers that led to
    it; ``numbers`` are the same by name.
    """

    answer: str
    sentence: str
    numbers: dict[str, float] = field(default_factory=dict)


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return ``"a"``, ``"a and b"`` or ``"a, b and c"``."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def interval(low: float, high: float, seeds: int) -> str:
    """Return ``"95 % interval +0.2 to +1.4, 3 seeds"`` of a difference in points."""
    return f"95 % interval {low:+.1f} to {high:+.1f}, {many(seeds, 'seed')}"


def chance(p: float) -> str:
    """Return a p-value as it is written: ``"p = 0.41"``, ``"p = 0.004"``, ``"p < 0.001"``."""
    if math.isnan(p):
        return "p unknown"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"
