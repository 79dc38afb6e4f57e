"""The points of the plane: a pipeline's runs that differ in the seed alone, as their mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from effexplorer.analysis.groups import Order, Setting, order_of, setting, students_of
from effexplorer.figures.axes import scale_of
from effexplorer.records.schema import Record, Stage
from effexplorer.records.store import Run

_PLACE = ("processor", "processor_family", "instruction_set")  # as provenance.machine names them


@dataclass(frozen=True)
class Point:
    """Runs of one pipeline, one per seed, as one point: their mean, and the lowest and highest.

    ``cost`` is the mean in the unit of its axis. ``early`` tells that a multi-exit model stands at
    its operating point: where its sentences leave at the threshold chosen on held-out rows.
    ``elsewhere`` tells that it was timed on another machine or with another engine than most.
    """

    runs: tuple[Run, ...]
    score: float
    low: float
    high: float
    cost: float
    early: bool = False
    elsewhere: bool = False

    @property
    def record(self) -> Record:
        """Return the record of the run whose score is nearest to the mean."""
        nearest = min(self.runs, key=lambda run: abs(run.record.final.score - self.score))
        return nearest.record

    @property
    def source(self) -> str:
        """Return where the runs come from; all of them have one source."""
        return self.runs[0].source

    @property
    def ids(self) -> list[str]:
        """Return the ids of the runs by seed."""
        return [run.record.id for run in self.runs]


def points(runs: Sequence[Run], cost: str, *, seeds: bool = False) -> list[Point]:
    """Return the points of ``runs``; with ``seeds`` every run is one of its own.

    Runs share a point if nothing but their seed differs: models, steps, data, epochs and source. On
    the latency axis the place where they were timed counts as well.
    """
    usual = usual_place(runs) if cost == "latency" else ""
    groups: dict[tuple[Setting, Order, str, str, str, str], list[Run]] = {}
    for run in runs:
        place = timed_at(run.record) if cost == "latency" else ""
        own = run.record.id if seeds else ""
        students = students_of(run.record)
        key = (setting(run.record), order_of(run.record), run.source, place, own, students)
        groups.setdefault(key, []).append(run)
    return [
        _point(sorted(members, key=lambda run: run.record.seed), cost, elsewhere=key[3] != usual)
        for key, members in groups.items()
    ]


def timed_at(record: Record) -> str:
    """Return where latencies were measured: the processor, its instructions and the engine."""
    known = [str(record.machine[name]) for name in _PLACE if record.machine.get(name)]
    return ", ".join([*known, record.final.engine])


def usual_place(runs: Sequence[Run]) -> str:
    """Return the place where most of ``runs`` were timed; "" without any."""
    places = Counter(timed_at(run.record) for run in runs)
    return max(places, key=lambda place: (places[place], place), default="")


def stands_early(stage: Stage, cost: str) -> bool:
    """Tell whether a stage stands at its operating point on this axis.

    Leaving early makes no file smaller; it saves MACs, and time where that was measured.
    """
    needed = {"macs": "macs", "latency": "latency_ms"}.get(cost)
    return needed is not None and {"threshold", "score", needed} <= set(stage.operating)


def shown_score(stage: Stage, cost: str) -> float:
    """Return the stage's score where it stands on this axis."""
    return stage.operating["score"] if stands_early(stage, cost) else stage.score


def shown_cost(stage: Stage, cost: str) -> float:
    """Return the stage's cost where it stands on this axis, in the axis' unit."""
    if not stands_early(stage, cost):
        return stage.cost(cost) / scale_of(cost)
    name = "macs" if cost == "macs" else "latency_ms"
    return stage.operating[name] / scale_of(cost)


def _point(runs: Sequence[Run], cost: str, *, elsewhere: bool) -> Point:
    stages = [run.record.final for run in runs]
    scores = [shown_score(stage, cost) for stage in stages]
    return Point(
        runs=tuple(runs),
        score=fmean(scores),
        low=min(scores),
        high=max(scores),
        cost=fmean(shown_cost(stage, cost) for stage in stages),
        early=any(stands_early(stage, cost) for stage in stages),
        elsewhere=elsewhere,
    )
