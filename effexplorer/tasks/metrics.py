"""How a task is scored, through ``evaluate``, and how sure the score is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

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

    An accuracy's is exact (Clopper and Pearson 1934); others are a percentile bootstrap over the
    examples (Efron and Tibshirani 1993, section 13.3). Where no resample differs, which says
    nothing, it is what the score would be with as few or as many right answers as the exact
    interval allows. Fewer than ``limits.MIN_INTERVAL_ROWS`` rows tell nothing: the whole scale.
    """
    predictions, labels = _pair(predictions, labels)
    name = spec.metrics[0]
    measure = SCORES[name]
    scale = (0.0, 100.0) if name in ("accuracy", "f1", "macro_f1") else (-100.0, 100.0)
    if len(labels) < limits.MIN_INTERVAL_ROWS:
        return scale
    if name == "accuracy":
        low, high = _exact(int((predictions == labels).sum()), len(labels))
        return 100 * low, 100 * high
    generator = np.random.default_rng(seed)
    values = np.empty(limits.BOOTSTRAP_RESAMPLES)
    for resample in range(limits.BOOTSTRAP_RESAMPLES):
        drawn = generator.integers(len(labels), size=len(labels))
        values[resample] = measure(predictions[drawn], labels[drawn])
    low, high = np.percentile(values, (2.5, 97.5))
    if low == high:
        ends = None if spec.regression else _other_answers(predictions, labels, measure)
        return ends if ends and ends[0] < ends[1] else scale
    return 100 * float(low), 100 * float(high)


def _exact(right: int, rows: int) -> tuple[float, float]:
    from scipy.stats import binomtest

    exact = binomtest(right, rows).proportion_ci(method="exact")
    return float(exact.low), float(exact.high)


def _other_answers(
    predictions: np.ndarray, labels: np.ndarray, measure: Callable[..., float]
) -> tuple[float, float]:
    """Return the scores with as many right answers as the ends of the exact interval have."""
    right = predictions == labels
    ends = [round(share * len(labels)) for share in _exact(int(right.sum()), len(labels))]
    worse, better = predictions.copy(), predictions.copy()
    turned = np.flatnonzero(right)[: int(right.sum()) - ends[0]]
    worse[turned] = np.where(labels[turned] == 0, 1, 0)
    mended = np.flatnonzero(~right)[: ends[1] - int(right.sum())]
    better[mended] = labels[mended]
    scores = [100 * float(measure(answers, labels)) for answers in (worse, predictions, better)]
    return min(scores), max(scores)


def _pair(predictions: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    predictions, labels = np.asarray(predictions), np.asarray(labels)
    if predictions.shape != labels.shape or predictions.ndim != 1 or not len(labels):
        raise ValueError(
            f"predictions and labels must have one shape (examples,); "
            f"got {predictions.shape} and {labels.shape}"
        )
    return predictions, labels
