"""Exit policies: where each example leaves, as pure functions of what every exit says.

Each policy turns answers into *readiness* ``(examples, exits)``, higher where an exit is surer. An
example leaves at the first exit whose readiness reaches the threshold, at the latest at the last.
An exit's readiness depends on that exit and those before it, never on later ones, so that a model
can ask for it as it goes.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from effexplorer.errors import UserError
from effexplorer.exits.table import softmax

CONFIDENCE, ENTROPY, PATIENCE, AGREEMENT = "confidence", "entropy", "patience", "agreement"
FULL = "full"  # nothing leaves before the last exit


def confidence(probabilities: np.ndarray) -> np.ndarray:
    """Return the largest probability of each exit, ``1 / classes`` to 1.

    ``probabilities`` is ``(examples, exits, classes)``.
    """
    largest: np.ndarray = probabilities.max(-1)
    return largest


def certainty(probabilities: np.ndarray) -> np.ndarray:
    """Return ``1 - entropy / ln(classes)`` of each exit, 0 to 1.

    The entropy of DeeBERT (Xin et al. 2020, arXiv 2004.12993, section 3.2), normalised so that one
    scale serves any number of classes, and turned round so that more is surer.
    """
    logs = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    entropy = -(probabilities * logs).sum(-1)
    sureness: np.ndarray = 1 - entropy / np.log(probabilities.shape[-1])
    return sureness


def streak(probabilities: np.ndarray) -> np.ndarray:
    """Return how many exits before this one, without a break, answered as it does: 0, 1, 2, ...

    The patience of PABEE (Zhou et al. 2020, arXiv 2006.04152, section 3.2).
    """
    answers = probabilities.argmax(-1)  # (examples, exits)
    counts = np.zeros(answers.shape)
    for exit in range(1, answers.shape[1]):
        same = answers[:, exit] == answers[:, exit - 1]
        counts[:, exit] = np.where(same, counts[:, exit - 1] + 1, 0)
    return counts


def closeness(predictions: np.ndarray) -> np.ndarray:
    """Return minus the difference to the exit before, ``-inf`` at the first: for regression.

    ``predictions`` is ``(examples, exits)``.
    """
    steps = -np.abs(np.diff(predictions, axis=1))
    return np.concatenate([np.full((len(predictions), 1), -np.inf), steps], axis=1)


READINESS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    CONFIDENCE: confidence,
    ENTROPY: certainty,
    PATIENCE: streak,
    AGREEMENT: closeness,
}


def leave(readiness: np.ndarray, threshold: float | np.ndarray) -> np.ndarray:
    """Return the exit ``(examples,)``, from 0, at which each example leaves.

    ``threshold`` is one for all exits or ``(exits,)``, one for each.
    """
    ready = readiness >= threshold
    ready[:, -1] = True
    exits: np.ndarray = ready.argmax(1)
    return exits


@dataclass(frozen=True)
class Policy:
    """A policy's name, and the threshold ``(exits,)`` that readiness must reach at each exit."""

    name: str
    thresholds: np.ndarray

    def readiness(self, logits: np.ndarray, temperatures: np.ndarray) -> np.ndarray:
        """Return the readiness ``(examples, exits)``; that of the own policy for ``full``.

        ``logits`` is ``(examples, exits, outputs)``, ``temperatures`` ``(exits,)``. The exits may
        be the first few of a model's.
        """
        regression = logits.shape[-1] == 1
        name = policies(regression=regression)[0] if self.name == FULL else self.name
        answers = logits[..., 0] if regression else softmax(logits / temperatures[:, None])
        return READINESS[name](answers)


def policies(*, regression: bool) -> tuple[str, ...]:
    """Return the policies that a model can leave by; the first is what its threshold is for."""
    return (AGREEMENT,) if regression else (CONFIDENCE, ENTROPY, PATIENCE)


def make_policy(
    name: str, threshold: float | Sequence[float] | str | None, *, exits: int, regression: bool
) -> Policy:
    """Return the policy ``name`` at one ``threshold``, or at one for each of ``exits``.

    ``full``, or a threshold of None, is full depth. Raises UserError for a name that does not fit
    the task and for a threshold that no readiness could have.
    """
    names = (*policies(regression=regression), FULL)
    if name not in names:
        raise UserError(f"policy: must be one of {', '.join(names)}; got {str(name)[:40]}.")
    if name == FULL or threshold is None:
        return Policy(name, np.full(exits, np.inf))
    low, high, words = _BOUNDS[name]
    several = isinstance(threshold, (Sequence, np.ndarray)) and not isinstance(threshold, str)
    given: list[Any] = [*threshold] if several else [threshold]  # type: ignore[misc]  # not a float
    for value in given:
        number = float(value) if isinstance(value, numbers.Real) else math.nan
        if not math.isfinite(number) or not low <= number <= high:
            raise UserError(f"{name}: threshold must be {words}; got {str(value)[:40]}.")
    if len(given) not in (1, exits):
        raise UserError(
            f"{name}: threshold must be one number, or one for each of {exits} exits; "
            f"got {len(given)}."
        )
    return Policy(name, np.broadcast_to(np.array(given, dtype=float), exits))


_BOUNDS = {
    CONFIDENCE: (0.0, 1.0, "between 0 and 1"),
    ENTROPY: (0.0, 1.0, "between 0 (any answer) and 1 (certainty)"),
    PATIENCE: (0.0, math.inf, "0 or more exits in a row"),
    AGREEMENT: (-math.inf, 0.0, "0 or less (minus the largest difference between two exits)"),
}
