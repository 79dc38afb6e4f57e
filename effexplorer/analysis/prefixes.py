"""The noise of orders that share trained prefixes: how much their difference varies with the seed.

With one seed, ``D > P > Q`` and ``D > P > E`` go on from the same trained ``D > P``. So scores are
not independent, and how much they differ by chance depends on where orders part. Orders that part
at the same place are taken to differ alike: the model is one random effect per prefix and seed, of
one variance per depth, and the variance of a difference is pooled over all such pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.groups import Order
from effexplorer.analysis.statistics import Values, moderate


@dataclass(frozen=True)
class Noise:
    """The variances of differences between orders, from seed to seed.

    ``kind`` (orders, orders) numbers the pairs of orders that part alike; ``variances``,
    ``freedoms`` and ``steps`` are those of each number: points squared, degrees of freedom, and the
    steps of both orders after they part.
    """

    kind: np.ndarray
    variances: Values
    freedoms: Values
    steps: np.ndarray

    @property
    def of_pairs(self) -> Values:
        """Return the variance of each pair's difference, (orders, orders); 0 on the diagonal."""
        return np.where(np.eye(len(self.kind), dtype=bool), 0.0, self.variances[self.kind])


def noise(orders: Sequence[Order], scores: Values) -> Noise:
    """Return the noise of ``orders``, two or more, from their ``scores`` (orders, seeds).

    Degrees of freedom are Satterthwaite's, under the model above.
    """
    kind, steps = _kinds(orders)
    squares = _variances(scores)
    above = np.triu(np.ones_like(squares, dtype=bool), k=1)
    places = [above & (kind == number) for number in range(len(steps))]
    variances = np.array([squares[place].mean() for place in places])
    seen = Noise(kind, variances, np.ones(len(steps)), steps)
    freedoms = [_freedom(place, seen.of_pairs, scores.shape[1] - 1) for place in places]
    return Noise(kind, variances, np.array(freedoms), steps)


def moderated(noises: Sequence[Noise]) -> list[Noise]:
    """Return ``noises`` with their variances moderated among pairs with as many steps apart."""
    if not noises:
        return []
    variances = np.concatenate([each.variances for each in noises])
    freedoms = np.concatenate([each.freedoms for each in noises])
    steps = np.concatenate([each.steps for each in noises])
    for number in np.unique(steps):
        alike = steps == number
        variances[alike], freedoms[alike] = moderate(variances[alike], freedoms[alike])
    ends = np.cumsum([len(each.steps) for each in noises])[:-1]
    parts = zip(noises, np.split(variances, ends), np.split(freedoms, ends), strict=True)
    return [Noise(part.kind, variance, freedom, part.steps) for part, variance, freedom in parts]


def shared(order: Order, other: Order) -> int:
    """Return how many steps both orders begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(order, other, strict=False)) if a != b),
        min(len(order), len(other)),
    )


def _kinds(orders: Sequence[Order]) -> tuple[np.ndarray, np.ndarray]:
    """Return a number for each pair of orders, the same where they part alike, and their steps."""
    numbers: dict[tuple[int, int, int], int] = {}
    kind = np.zeros((len(orders), len(orders)), dtype=int)
    for i, order in enumerate(orders):
        for j in range(i):
            same = shared(order, orders[j])
            shorter, longer = sorted((len(order) - same, len(orders[j]) - same))
            kind[i, j] = kind[j, i] = numbers.setdefault((same, shorter, longer), len(numbers))
    return kind, np.array([shorter + longer for _, shorter, longer in numbers])


def _variances(scores: Values) -> Values:
    """Return the sample variance of every difference of two rows, (orders, orders)."""
    covariance = np.atleast_2d(np.cov(scores))
    own = np.diag(covariance)
    return np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0.0)


def _freedom(place: np.ndarray, variances: Values, seeds_less_one: int) -> float:
    """Return Satterthwaite's degrees of freedom of the mean variance of the pairs at ``place``.

    That mean is a quadratic form with the matrix A; with ``variances`` D of all differences the
    covariance of scores is -D / 2 but for what A leaves out, and the freedom (tr AV)^2 / tr(AVAV).
    """
    both = (place | place.T).astype(float)
    form = (np.diag(both.sum(1)) - both) @ variances / -2
    spread = float((form * form.T).sum())
    return seeds_less_one * float(np.trace(form)) ** 2 / spread if spread else seeds_less_one
