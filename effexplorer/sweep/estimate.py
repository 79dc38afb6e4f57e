"""What a sweep will take: stages, training rows, and the seconds of one worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from effexplorer.records.store import Run
from effexplorer.runner.estimate import Estimate, estimate
from effexplorer.sweep.tree import Node


@dataclass(frozen=True)
class Cost:
    """What the stages of a sweep take that are not kept from earlier.

    ``seconds`` are those of one worker for all stages but ``unknown`` ones, of which nothing was
    measured that tells. ``sentences`` is None where a task's size is not known beforehand.
    """

    models: int
    operators: int
    kept: int
    sentences: int | None
    seconds: float
    unknown: int


def cost(nodes: Sequence[Node], runs: Sequence[Run], kept: set[str]) -> Cost:
    """Return what ``nodes`` take, judged by finished ``runs``.

    ``kept`` are the keys of pipelines whose last stage is in the stage cache: those cost nothing.
    """
    estimates: list[Estimate | None] = []
    models, operators, sentences, seconds, unknown = 0, 0, 0, 0.0, 0
    for node in nodes:
        whole = estimate(node.pipeline, runs)
        before = None if node.parent is None else estimates[node.parent]
        estimates.append(whole)
        if node.pipeline.key in kept:
            continue
        operators += bool(node.pipeline.steps)
        models += not node.pipeline.steps
        if whole is None or whole.seconds is None:
            unknown += 1
        else:
            seconds += whole.seconds - ((before.seconds or 0.0) if before else 0.0)
        if whole is not None:
            sentences += whole.sentences - (before.sentences if before else 0)
    sized = all(each is not None for each in estimates)
    kept_ones = len(nodes) - models - operators
    shown_rows = sentences if sized else None
    return Cost(models, operators, kept_ones, shown_rows, seconds, unknown)
