"""The Pareto front: the runs that no other beats in both score and cost, and its hypervolume."""

from collections.abc import Sequence


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the indices of the ``(cost, score)`` points on the front, cheapest first.

    A point is on the front when no other has lower or equal cost and higher or equal score, one
    of them strictly. Equal points stay together. Runs in O(n log n).
    """
    order = sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1]))
    kept: list[int] = []
    for i in order:
        if not kept or points[i][1] > points[kept[-1]][1] or points[i] == points[kept[-1]]:
            kept.append(i)
    return kept


def hypervolume(points: Sequence[tuple[float, float]], reference: tuple[float, float]) -> float:
    """Return the area of the plane that the ``(cost, score)`` points dominate, in units of both.

    It reaches as far as ``reference``, the highest cost and the lowest score that count; points
    beyond either add nothing. More is better: it grows with every point that joins the front.
    Source: Zitzler and Thiele 1998, Multiobjective Optimization Using Evolutionary Algorithms.
    """
    dearest, lowest = reference
    area, reached = 0.0, lowest
    for i in front(points):
        cost, score = points[i]
        if cost < dearest and score > reached:
            area += (dearest - cost) * (score - reached)
            reached = score
    return area
