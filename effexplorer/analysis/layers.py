"""Layer removal: greedy search against the exhaustive one that was published, and against the top.

Layers count from 0. Source: Peer et al. 2022, arXiv 2105.14839, and the logs in its repository.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.advantage import AdvantageEvidence, advantages
from effexplorer.analysis.floor import void
from effexplorer.analysis.groups import Group, Order
from effexplorer.analysis.practical import practical
from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    MARGIN,
    NO,
    YES,
    Evidence,
    Untested,
    Verdict,
)
from effexplorer.errors import UserError
from effexplorer.operators.droplayers import DropLayers
from effexplorer.pipeline import parse_steps
from effexplorer.published import Removal
from effexplorer.units import many

CLOSE = 1.0  # points by which greedy may miss the best pair and still be called as good
_TOP = {10, 11}  # of the twelve layers of both models


@dataclass(frozen=True)
class Pair:
    """Greedy's two layers beside the best two of all 66, for one model and task.

    Layers of ``greedy`` stand in the order of their removal; of equally good best pairs ``best`` is
    the last one. Scores are percent, ``top_score`` that without the last two layers; ``rank`` is
    greedy's place among all pairs, 1 for the best.
    """

    model: str
    task: str
    greedy: tuple[int, ...]
    greedy_score: float
    best: tuple[int, ...]
    best_score: float
    top_score: float
    rank: int

    @property
    def difference(self) -> float:
        """Return how many points the best pair scores more than greedy's."""
        return self.best_score - self.greedy_score


def pairs(rows: Iterable[Removal], *, split: str = "dev") -> list[Pair]:
    """Return every model and task of ``rows`` of which the exhaustive search was logged."""
    groups: dict[tuple[str, str], dict[str, list[Removal]]] = {}
    for row in rows:
        if row.split == split and len(row.layers) == 2:
            searches = groups.setdefault((row.model, row.task), {})
            searches.setdefault(row.search, []).append(row)
    return [
        _pair(searches["greedy"][0], searches["exhaustive"])
        for _, searches in sorted(groups.items())
        if {"greedy", "exhaustive"} <= set(searches)
    ]


def greedy_against_exhaustive(rows: Iterable[Removal]) -> Verdict:
    """Return whether greedy search finds layers as good as the best, from published logs.

    YES when its pair is within one point of the best of all pairs in every case.
    """
    compared = pairs(rows)
    if not compared:
        return Verdict(CANNOT_TELL, "Cannot tell how good greedy search is: no log has both.")
    worst = max(compared, key=lambda pair: pair.difference)
    same = sum(pair.difference <= 0 for pair in compared)
    top = sum(pair.top_score < pair.greedy_score for pair in compared)
    answer = YES if worst.difference <= CLOSE else NO
    sentence = (
        f"Greedy search {'comes' if answer == YES else 'does not always come'} close to the best "
        f"two layers to drop: as good in {same} of {len(compared)} published cases, at most "
        f"{worst.difference:.1f} points below ({worst.model}, {worst.task}). Dropping the top two "
        f"is worse than greedy in {top}. One run each, and both chose by the score compared here."
    )
    numbers = {
        "cases": len(compared),
        "as_good": same,
        "largest": worst.difference,
        "mean": float(np.mean([pair.difference for pair in compared])),
        "top_worse": top,
    }
    return Verdict(answer, sentence, numbers)


def layer_evidence(group: Group, *, margin: float = MARGIN) -> dict[int, Evidence]:
    """Return what the runs of ``group`` say of greedy search against the top, by layers dropped.

    Runs of that step alone, paired by seed, with equal epochs of the fine-tuning after; of several
    searches the one with most seeds. One seed says nothing.
    """
    counts = sorted({step.layers for _, step in _drops(group) if step.rule == "greedy"})
    evidence: dict[int, Evidence] = {}
    differences: dict[int, list[float]] = {}
    for layers in counts:
        greedy, other, seeds = _match(group, layers)
        if len(seeds) < 2:
            continue
        if reason := void(group, (greedy, other)):
            evidence[layers] = Untested(reason, void=True)
            continue
        ours, theirs = group.scores(greedy), group.scores(other)
        differences[layers] = [ours[seed] - theirs[seed] for seed in seeds]
    seen = advantages(list(differences.values()), margin=margin)
    for layers, advantage in zip(differences, seen, strict=True):
        what = f"{many(layers, 'layer')} dropped"
        evidence[layers] = AdvantageEvidence(
            f"models with {what} by greedy search",
            "those without the top ones",
            advantage,
            practical(group),
        )
    return dict(sorted(evidence.items()))


def _match(group: Group, layers: int) -> tuple[Order, Order, list[int]]:
    """Return an order of greedy search, that of the top with equal training, and their seeds."""
    drops = [(order, step) for order, step in _drops(group) if step.layers == layers]
    matches = [
        (drop, other, sorted(set(group.runs[drop]) & set(group.runs[other])))
        for drop, step in drops
        for other, fixed in drops
        if (step.rule, fixed.rule) == ("greedy", "top") and step.epochs == fixed.epochs
    ]
    return max(matches, key=lambda match: len(match[2]), default=((), (), []))


def _pair(greedy: Removal, every: list[Removal]) -> Pair:
    best = max(every, key=lambda row: (row.score, row.layers))
    return Pair(
        greedy.model,
        greedy.task,
        greedy.layers,
        greedy.score,
        best.layers,
        best.score,
        top_score=next(row.score for row in every if set(row.layers) == _TOP),
        rank=1 + sum(row.score > greedy.score for row in every),
    )


def _drops(group: Group) -> list[tuple[Order, DropLayers]]:
    """Return the runs of one ``drop`` alone, with its knobs."""
    drops = []
    for order in sorted(group.runs):
        try:
            steps = parse_steps(" > ".join(order))
        except UserError:  # a record of another version
            continue
        if len(steps) == 1 and isinstance(steps[0], DropLayers):
            drops.append((order, steps[0]))
    return drops
