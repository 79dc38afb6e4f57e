"""Which layers go: rules that look at places, and rules that look at scores; layers from 0.

Places: Sajjad et al. 2020, arXiv 2004.03844, section 3. Scores: Peer et al. 2022, 2105.14839.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from effexplorer.training.schedule import steps

Score = Callable[[tuple[int, ...]], float]

SHORT = (30, 15)  # the short search gives a candidate a 30th of a fine-tuning, the better half more


def top(layers: int, count: int) -> tuple[int, ...]:
    """Return the last ``count`` of ``layers`` layers."""
    return tuple(range(layers - count, layers))


def bottom(layers: int, count: int) -> tuple[int, ...]:
    """Return the first ``count`` layers."""
    return tuple(range(count))


def alternate(layers: int, count: int) -> tuple[int, ...]:
    """Return every second layer from the last one down, ``count`` in all.

    4 of 12 are the 6th, 8th, 10th and 12th (even-alternate). There are ``half(layers)`` at most.
    """
    return tuple(range(layers - 2 * count + 1, layers, 2))


def symmetric(layers: int, count: int) -> tuple[int, ...]:
    """Return the ``count`` layers in the middle.

    6 of 12 are the 4th to the 9th. Where an odd number stays, one more stays below than above,
    since lower layers matter most to a task (the paper's finding); the paper keeps even numbers.
    """
    below = half(layers - count)
    return tuple(range(below, below + count))


POSITIONS = {"top": top, "bottom": bottom, "alternate": alternate, "symmetric": symmetric}


def greedy(layers: int, count: int, score: Score, *later: Score) -> tuple[int, ...]:
    """Return ``count`` layers in the order in which they go, one after the other.

    With one score it is greedy layer pruning: at each removal, every layer left is a candidate,
    scored without the layers removed so far and itself; the best goes, of equals the highest
    layer. With later scores the better half of the candidates, rounded up, goes on from each to the
    next, and the last one decides (successive halving: Jamieson and Talwalkar 2016, 1502.07943).

    A score takes the layers left out in the order of their removal, the candidate's last; it is
    asked of the lowest candidate first.
    """
    removed: tuple[int, ...] = ()
    for _ in range(count):
        ranked = _best_first(removed, remaining(layers, removed), score)
        for layer in later:
            ranked = _best_first(removed, ranked[: half(len(ranked))], layer)
        removed = (*removed, ranked[0])
    return removed


def _best_first(removed: tuple[int, ...], layers: list[int], score: Score) -> list[int]:
    scored = [(score((*removed, layer)), layer) for layer in sorted(layers)]
    return [layer for _, layer in sorted(scored, reverse=True)]


def exhaustive(layers: int, count: int, score: Score) -> tuple[int, ...]:
    """Return the ``count`` layers, the lowest first, whose combination scores best of all.

    A score takes the layers left out, the lowest first; it is asked in the order of
    ``itertools.combinations``. Of equals the last combination goes.
    """
    combinations = itertools.combinations(range(layers), count)
    return max(combinations, key=lambda removed: (score(removed), removed))


def remaining(layers: int, removed: tuple[int, ...]) -> list[int]:
    """Return the layers that are left, the lowest first."""
    return [layer for layer in range(layers) if layer not in removed]


def half(number: int) -> int:
    """Return half of ``number``, rounded up."""
    return (number + 1) // 2


def whole_trainings(rule: str, layers: int, count: int) -> int:
    """Return the whole fine-tunings of a search.

    ``greedy``: ``count layers - count (count - 1) / 2``; ``exhaustive``: ``layers`` over ``count``.
    """
    if rule == "exhaustive":
        return math.comb(layers, count)
    return sum(range(layers - count + 1, layers + 1))


def short_trainings(layers: int, count: int) -> list[int]:
    """Return, for each training of the short search, the part of a fine-tuning: 30 for a 30th."""
    parts = []
    for candidates in range(layers, layers - count, -1):
        for part in SHORT:
            parts += [part] * candidates
            candidates = half(candidates)
    return parts


def part_epochs(examples: int, epochs: float, part: int) -> float:
    """Return the epochs of one ``part`` of a fine-tuning, cut to whole batches; there may be none.

    For that little data a candidate is scored as it is.
    """
    return steps(examples, epochs) // part / steps(examples, 1)


def in_words(layers: tuple[int, ...]) -> str:
    """Return ``"layer 6"`` or ``"layers 6, 3"`` for layers counted from 0, people count from 1."""
    numbers = ", ".join(str(layer + 1) for layer in layers)
    return f"layers {numbers}" if len(layers) > 1 else f"layer {numbers}"
