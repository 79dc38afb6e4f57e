"""Calibration: one temperature for each exit, so that a confidence of 0.9 is right in 9 of 10."""

from __future__ import annotations

import numpy as np

HOTTEST = 20.0


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature that ``logits / temperature`` are likeliest with.

    ``logits`` is ``(examples, classes)``, ``labels`` ``(examples,)``; 1.0 without examples or with
    one output. Source: Guo et al. 2017 (arXiv 1706.04599), section 4.2, temperature scaling.
    """
    from scipy.optimize import minimize_scalar

    if not len(labels) or logits.shape[1] == 1:
        return 1.0

    def surprise(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        top = scaled.max(1, keepdims=True)
        total = np.log(np.exp(scaled - top).sum(1)) + top[:, 0]
        return float((total - scaled[np.arange(len(labels)), labels]).mean())

    bounds = (-np.log(HOTTEST), np.log(HOTTEST))
    return float(np.exp(minimize_scalar(surprise, bounds=bounds, method="bounded").x))


def expected_calibration_error(
    probabilities: np.ndarray, labels: np.ndarray, *, bins: int = 10
) -> float:
    """Return the mean gap between confidence and accuracy, 0 to 1, over equally wide bins.

    ``probabilities`` is ``(examples, classes)``. Source: Guo et al. 2017, equation 5.
    """
    sure, right = probabilities.max(1), probabilities.argmax(1) == labels
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        abs(right[place == bin].mean() - sure[place == bin].mean()) * (place == bin).mean()
        for bin in np.unique(place)
    ]
    return float(sum(gaps))
