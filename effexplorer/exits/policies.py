"""Exit policies: where each example leaves, as pure functions of what every exit says.

Each policy turns answers into *readiness* ``(examples, exits)``, higher where an exit is surer. An
example leaves at the first exit whose readiness reaches the threshold, at the latest at the last.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CONFIDENCE, ENTROPY, PATIENCE, AGREEMENT = "confidence", "entropy", "patience", "agreement"


def confidence(probabilities: np.ndarray) -> np.ndarray:
    """Return the largest probability of each exit, ``1 / classes`` to 1.

    ``probabilities`` is ``(examples, exits, classes)``.
    """
    return probabilities.max(-1)


def certainty(probabilities: np.ndarray) -> np.ndarray:
    """Return ``1 - entropy / ln(classes)`` of each exit, 0 to 1.

    The entropy of DeeBERT (Xin et al. 2020, arXiv 2004.12993, section 3.2), normalised so that one
    scale serves any number of classes, and turned round so that more is surer.
    """
    logs = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    entropy = -(probabilities * logs).sum(-1)
    return 1 - entropy / np.log(probabilities.shape[-1])


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
    return ready.argmax(1)
