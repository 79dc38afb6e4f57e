"""An answer: what a multi-exit model said of one text, where it left, and what that cost."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a multi-exit model said of ``text``, a string or a pair of them.

    ``exit``, from 0, is where the text left; ``label`` is the answer there, a class's name, or a
    number for regression. ``layers`` are those that the model's exits follow. ``labels``,
    ``probabilities`` (of the classes in the model's order, empty for regression), ``readiness`` and
    ``milliseconds`` have one entry for each exit that was computed, the one taken included.
    ``milliseconds`` is the time from the start of the text's batch until that exit's answers were
    there, without word pieces being made; ``macs`` are the multiply-accumulates up to every exit of
    the model, at the text's own length of ``tokens`` word pieces. ``truncated`` tells that the text
    was longer than that, ``unknown`` how many word pieces stand for words that are not in the
    model's vocabulary, and ``calibrated`` that the model's exits have temperatures.
    """

    text: str | tuple[str, str]
    label: str | float
    exit: int
    layers: tuple[int, ...]
    labels: tuple[str | float, ...]
    probabilities: tuple[tuple[float, ...], ...]
    readiness: tuple[float, ...]
    milliseconds: tuple[float, ...]
    macs: tuple[float, ...]
    tokens: int
    truncated: bool
    unknown: int
    calibrated: bool

    @property
    def layer(self) -> int:
        """Return the layer, counted from 1, after which the text left."""
        return self.layers[self.exit]

    @property
    def macs_spent(self) -> float:
        """Return the multiply-accumulates up to the exit taken."""
        return self.macs[self.exit]

    @property
    def macs_full(self) -> float:
        """Return the multiply-accumulates up to the last exit."""
        return self.macs[-1]

    @property
    def milliseconds_spent(self) -> float:
        """Return the time until the exit taken."""
        return self.milliseconds[self.exit]

    def to_dict(self) -> dict[str, Any]:
        """Return this answer as plain JSON values; a readiness of minus infinity is None."""
        ready = [value if math.isfinite(value) else None for value in self.readiness]
        totals = ("layer", "macs_spent", "macs_full", "milliseconds_spent")
        plain = dataclasses.asdict(self) | {"readiness": ready}
        return plain | {name: getattr(self, name) for name in totals}
