"""GLUE's scores as plain functions of predictions and labels, by their names in ``evaluate``."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


# The first two are computed here: an exit's curve asks 200 times, and sklearn checks its arguments
# for a hundred times as long as it counts.
def accuracy(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of right predictions."""
    return float((predictions == labels).mean())


def f1(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall of class 1; 0 where there is none."""
    right = int(((predictions == 1) & (labels == 1)).sum())
    counted = int((predictions == 1).sum() + (labels == 1).sum())
    return 2 * right / counted if counted else 0.0


def macro_f1(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean over the classes of their F1; a class that is nowhere is left out."""
    from sklearn.metrics import f1_score

    return float(f1_score(labels, predictions, average="macro", zero_division=0))


def matthews_correlation(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the correlation of two classes, -1 to 1; 0 for constant predictions or labels."""
    from sklearn.metrics import matthews_corrcoef

    if _constant(predictions) or _constant(labels):
        return 0.0
    return float(matthews_corrcoef(labels, predictions))


def pearson(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the linear correlation; 0 for constant predictions or labels."""
    from scipy.stats import pearsonr

    return _correlation(pearsonr, predictions, labels)


def spearmanr(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Return the rank correlation; 0 for constant predictions or labels."""
    from scipy.stats import spearmanr as rank_correlation

    return _correlation(rank_correlation, predictions, labels)


SCORES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    score.__name__: score
    for score in (accuracy, f1, macro_f1, matthews_correlation, pearson, spearmanr)
}

_WORDS = {
    "f1": "F1",
    "macro_f1": "macro F1",
    "matthews_correlation": "Matthews correlation",
    "pearson": "Pearson correlation",
    "spearmanr": "Spearman correlation",
}


def score_words(name: str) -> str:
    """Return the score called ``name`` in ``evaluate`` as people call it."""
    return _WORDS.get(name, name.replace("_", " "))


def _correlation(measure: Callable[..., Any], predictions: np.ndarray, labels: np.ndarray) -> float:
    if _constant(predictions) or _constant(labels) or not (abs(predictions) < math.inf).all():
        return 0.0  # a model that learned nothing or diverged: no correlation, not a NaN
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # nearly constant predictions: still a number
        return float(measure(predictions, labels).statistic)


def _constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())
