"""The goal of a search: limits that the answer must keep to, and what it should be best at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from effexplorer import units
from effexplorer.errors import UserError, shown

SCORE = "score"
AIMS = {"size": "bytes", "macs": "macs", "latency": "latency", SCORE: SCORE}


@dataclass(frozen=True)
class Goal:
    """Limits, all optional, and ``aim``: one of ``AIMS``, what is to be as good as may be.

    ``max_size`` is bytes, ``max_macs`` multiply-accumulates a sentence, ``max_latency``
    milliseconds, ``min_score`` percent, and ``lose_at_most`` points below the dense model. Without
    an ``aim`` the cheapest pipeline is sought if a score is asked for, else the best within the
    limits. Raises UserError for what is not positive, and two rules for the score.
    """

    max_size: float | None = None
    max_macs: float | None = None
    max_latency: float | None = None
    min_score: float | None = None
    lose_at_most: float | None = None
    aim: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "aim" or value is None:
                continue
            least_ok = field.name == "lose_at_most"
            if not (math.isfinite(value) and (value > 0 or (least_ok and value == 0))):
                name = field.name.replace("_", "-")
                raise UserError(f"find: {name} must be above 0; got {shown(value)}.")
        if self.min_score is not None and self.lose_at_most is not None:
            raise UserError(
                "find: the score must have one rule, min-score or lose-at-most; got both."
            )
        scored = self.min_score is not None or self.lose_at_most is not None
        aim = self.aim or ("size" if scored else SCORE)
        if aim not in AIMS:
            raise UserError(f"find: goal must be one of {', '.join(AIMS)}; got {shown(aim)}.")
        object.__setattr__(self, "aim", aim)

    @property
    def costs(self) -> dict[str, float]:
        """Return the highest cost that is allowed on each axis that has a limit."""
        limits = {"bytes": self.max_size, "macs": self.max_macs, "latency": self.max_latency}
        return {axis: limit for axis, limit in limits.items() if limit is not None}

    @property
    def limited(self) -> bool:
        """Tell whether there is any limit; without one the dense model is the answer."""
        return bool(self.costs) or self.min_score is not None or self.lose_at_most is not None

    @property
    def axis(self) -> str:
        """Return the cost axis of the plane on which the search looks for a front."""
        if self.aim != SCORE:
            return AIMS[self.aim]
        return next(iter(self.costs), "bytes")

    @property
    def axes(self) -> tuple[str, ...]:
        """Return every cost axis that matters: the plane's, and those with a limit."""
        return tuple(dict.fromkeys((self.axis, *self.costs)))

    def lowest_score(self, dense: float) -> float | None:
        """Return the lowest score that is allowed beside a dense model of score ``dense``."""
        return self.min_score if self.lose_at_most is None else dense - self.lose_at_most

    def keeps(self, costs: Mapping[str, float], score: float, dense: float) -> bool:
        """Tell whether a pipeline with these ``costs`` by axis and this ``score`` is allowed."""
        lowest = self.lowest_score(dense)
        within = all(costs[axis] <= limit for axis, limit in self.costs.items())
        return within and (lowest is None or score >= lowest)

    def rank(self, costs: Mapping[str, float], score: float) -> tuple[float, float]:
        """Return a key by which pipelines that are allowed sort, the best first."""
        if self.aim == SCORE:
            return -score, costs[self.axis]
        return costs[self.axis], -score

    def to_dict(self) -> dict[str, Any]:
        """Return this goal as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        """Return the goal in words: ``"the best score at most 15 MB"``."""
        limits = [f"at most {units.cost(axis, limit)}" for axis, limit in self.costs.items()]
        if self.min_score is not None:
            limits.append(f"at least {units.percent(self.min_score)}")
        if self.lose_at_most is not None:
            limits.append(f"at most {self.lose_at_most:g} points below the dense model")
        best = {
            SCORE: "the best score",
            "size": "the smallest file",
            "macs": "the fewest multiply-accumulates",
            "latency": "the lowest latency",
        }[self.aim]
        return f"{best}, {', '.join(limits)}" if limits else best
