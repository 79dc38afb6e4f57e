"""The surrogate: what pipelines score and cost by what is measured so far, with uncertainty.

Bayesian linear regression on ``features``: the effects of operators and their settings, of pairs
and larger groups, and of the order of pairs, each with a normal prior. How large effects are is not
known beforehand: predictions are averaged over a grid of sizes, each weighed by the likelihood of
what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from effexplorer.find.features import (
    CONSTANT,
    GROUP,
    OPERATOR,
    ORDER,
    PAIR,
    ROWS,
    ROWS_OPERATOR,
    SETTING,
)

# Effects in standard errors of one score: an operator's, a pair's as a share of it, the noise.
_EFFECTS, _SHARES, _NOISES = (0.5, 1.0, 2.0, 4.0), (0.15, 0.3, 0.6), (0.2, 0.4)
_LIKELY = 1.0  # the effect that the prior holds for the likeliest, with a factor of e each way
_GROUP_SHARE = 2.0  # of a pair's effect: that of three operators or more together
_ORDER_SHARE, _OWN_SHARE = 0.8, 0.3  # of a pair's effect: its order's, and a pipeline's own
_SETTING_SHARE = 0.5  # of an operator's effect
_ROWS_EFFECT = 4.0  # standard errors by which more rows may lift every score
_COST_NOISE = {"latency": 0.05}  # of logarithms; what is counted and not timed has none to speak of


@dataclass(frozen=True)
class Prediction:
    """Means and standard deviations ``(pipelines,)`` of the true value; ``noise`` is of one run."""

    mean: np.ndarray
    deviation: np.ndarray
    noise: float = 0.0


def predict_scores(
    matrix: np.ndarray,
    kinds: np.ndarray,
    rows: Sequence[int],
    scores: Sequence[float],
    error: float,
) -> Prediction:
    """Return what every pipeline of ``matrix`` scores, given the ``scores`` of ``rows``.

    ``error`` is the standard error of one score, the first of ``scores`` the dense model's. An
    operator is held to cost as much as its effect may be large, until it is measured.
    """
    values = np.asarray(scores, dtype=float)
    weights, means, variances, noises = [], [], [], []
    for effect, share, noise in product(_EFFECTS, _SHARES, _NOISES):
        size = effect * error
        scales = {
            CONSTANT: 2 * error,
            OPERATOR: size,
            SETTING: _SETTING_SHARE * size,
            PAIR: share * size,
            GROUP: _GROUP_SHARE * share * size,
            ORDER: _ORDER_SHARE * share * size,
            ROWS: _ROWS_EFFECT * error,
            ROWS_OPERATOR: share * size,
        }
        prior = np.where(kinds == OPERATOR, -size, 0.0)
        prior[0] = values[0]
        deviations = np.array([scales[kind] for kind in kinds])
        mean, variance, likelihood = _posterior(
            matrix, rows, values, prior, deviations, noise * error, _OWN_SHARE * share * size
        )
        weights.append(likelihood - 0.5 * np.log(effect / _LIKELY) ** 2)
        means.append(mean)
        variances.append(variance)
        noises.append(noise * error)
    weight = np.exp(np.array(weights) - max(weights))
    weight /= weight.sum()
    mean = weight @ np.array(means)
    variance = weight @ (np.array(variances) + np.array(means) ** 2) - mean**2
    return Prediction(mean, np.sqrt(np.maximum(variance, 1e-12)), float(weight @ np.array(noises)))


def predict_costs(
    matrix: np.ndarray,
    kinds: np.ndarray,
    rows: Sequence[int],
    costs: Sequence[float],
    expected: np.ndarray,
    axis: str,
) -> Prediction:
    """Return the logarithms of what every pipeline costs on ``axis``, given ``costs`` of ``rows``.

    ``expected`` are the costs ``(pipelines,)`` by formula, as shares of the dense model's, the
    first of ``costs``. Logarithms, since savings multiply. What is measured is nearly exact.
    """
    scales = {CONSTANT: 0.01, OPERATOR: 0.15, SETTING: 0.05, PAIR: 0.05, GROUP: 0.02, ORDER: 1e-6}
    formula = np.log(np.maximum(expected, 1e-9))
    values = np.log(np.maximum(np.asarray(costs, dtype=float), 1e-9))
    prior = np.zeros(matrix.shape[1])
    prior[0] = values[0]
    deviations = np.array([scales[kind] for kind in kinds])
    noise = _COST_NOISE.get(axis, 1e-3)
    above = values - formula[list(rows)]
    mean, variance, _ = _posterior(matrix, rows, above, prior, deviations, noise)
    return Prediction(mean + formula, np.sqrt(np.maximum(variance, 0.0)), noise)


def _posterior(
    matrix: np.ndarray,
    rows: Sequence[int],
    values: np.ndarray,
    prior: np.ndarray,
    deviations: np.ndarray,
    noise: float,
    own: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return means and variances of all rows of ``matrix``, and the log likelihood of ``values``.

    ``own`` is the deviation of what each row has for itself, beyond its columns. The likelihood
    lacks its constant. Source: Rasmussen and Williams 2006, sections 2.1 and 2.7.
    """
    scaled = matrix * deviations  # (pipelines, columns)
    known = scaled[list(rows)]
    covariance = known @ known.T + (noise**2 + own**2) * np.eye(len(rows))
    factor = np.linalg.cholesky(covariance)
    residual = np.linalg.solve(factor, values - matrix[list(rows)] @ prior)
    shared = known @ scaled.T  # (measured, pipelines)
    shared[np.arange(len(rows)), list(rows)] += own**2
    across = np.linalg.solve(factor, shared)
    mean = matrix @ prior + across.T @ residual
    variance = (scaled**2).sum(axis=1) + own**2 - (across**2).sum(axis=0)
    likelihood = -0.5 * residual @ residual - np.log(np.diag(factor)).sum()
    return mean, variance, float(likelihood)
