"""The Pareto front: the runs that no other run beats in both score and cost."""

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
