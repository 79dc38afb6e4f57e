"""How a task is scored, through ``evaluate``, and how sure the score is."""

from __future__ import annotations

import tempfile

import numpy as np

from effexplorer import limits
from effexplorer.tasks.scores import SCORES
from effexplorer.tasks.spec import TaskSpec


def score(spec: TaskSpec, predictions: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the task's metrics in percent, by name; the first is the score.

    ``predictions`` and ``labels`` are class numbers, or similarities for regression, both of shape
    (examples,). Raises ValueError when their shapes differ.
    """
    from effexplorer.tasks.glue_metric import GlueMetric  # evaluate takes seconds to import

    predictions, labels = _pair(predictions, labels)
    try:
        with tempfile.TemporaryDirectory(prefix="effexplorer-") as scratch:
            metric = GlueMetric(
                "+".join(spec.metrics), keep_in_memory=True, cache_dir=scratch, seed=0
            )
            values = metric.compute(predictions=predictions, references=labels)
    except OSError:  # evaluate wants a folder, even for nothing: a full disk has no room for one
        values = {name: SCORES[name](predictions, labels) for name in spec.metrics}
    return {name: 100 * float(values[name]) for name in spec.metrics}


def interval(
    spec: TaskSpec, predictions: np.ndarray, labels: np.ndarray, *, seed: int = 0
) -> tuple[float, float]:
    """Return the ends of the score's 95 % interval in percent.

    Percentile bootstrap over the examples (Efron and Tibshirani 1993, section 13.3).
    """
    predictions, labels = _pair(predictions, labels)
    measure = SCORES[spec.metrics[0]]
    generator = np.random.default_rng(seed)
    values = np.empty(limits.BOOTSTRAP_RESAMPLES)
    for resample in range(limits.BOOTSTRAP_RESAMPLES):
        drawn = generator.integers(len(labels), size=len(labels))
        values[resample] = measure(predictions[drawn], labels[drawn])
    low, high = np.percentile(values, (2.5, 97.5))
    return 100 * float(low), 100 * float(high)


def _pair(predictions: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    predictions, labels = np.asarray(predictions), np.asarray(labels)
    if predictions.shape != labels.shape or predictions.ndim != 1 or not len(labels):
        raise ValueError(
            f"predictions and labels must have one shape (examples,); "
            f"got {predictions.shape} and {labels.shape}"
        )
    return predictions, labels
