"""The budget question: the best run that fits a cost, and the cheapest that reaches a score.

Scores of different tasks do not compare: pass runs of one task. A multi-exit run counts at full
depth.
"""

from __future__ import annotations

from collections.abc import Iterable

from effexplorer.records.store import Run


def best_under(runs: Iterable[Run], axis: str, limit: float) -> Run | None:
    """Return the run of the best score whose cost is at most ``limit``, or None.

    ``axis`` is one of ``record.COSTS``; ``limit`` is bytes, parameters, MACs or milliseconds. Of
    equal scores the cheapest wins, of equal costs the oldest.
    """
    fitting = [run for run in runs if _cost(run, axis) <= limit]
    return max(fitting, key=lambda run: (_score(run), -_cost(run, axis)), default=None)


def cheapest_above(runs: Iterable[Run], axis: str, score: float) -> Run | None:
    """Return the run of least cost whose score is at least ``score`` percent, or None.

    On ``bytes`` that is the smallest one. Of equal costs the best score wins, then the oldest.
    """
    good = [run for run in runs if _score(run) >= score]
    return min(good, key=lambda run: (_cost(run, axis), -_score(run)), default=None)


def _score(run: Run) -> float:
    return run.record.final.score


def _cost(run: Run, axis: str) -> float:
    return run.record.final.cost(axis)
