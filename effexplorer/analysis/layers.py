"""Layer removal: greedy search against the exhaustive one that was published, and against the top.

Layers count from 0. Source: Peer et al. 2022, arXiv 2105.14839, and the logs in its repository.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.groups import Group, Order
from effexplorer.analysis.statistics import paired_interval
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict, interval
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
    found = pairs(rows)
    if not found:
        return Verdict(CANNOT_TELL, "Cannot tell how good greedy search is: no log has both.")
    worst = max(found, key=lambda one: one.difference)
    same = sum(one.difference <= 0 for one in found)
    top = sum(one.top_score < one.greedy_score for one in found)
    answer = YES if worst.difference <= CLOSE else NO
    sentence = (
        f"Greedy search {'comes' if answer == YES else 'does not always come'} close to the best "
        f"two layers to drop: as good in {same} of {len(found)} published cases, at most "
        f"{worst.difference:.1f} points below ({worst.model}, {worst.task}). Dropping the top two "
        f"is worse than greedy in {top}. One run each, and both chose by the score compared here."
    )
    numbers = {
        "cases": len(found),
        "as_good": same,
        "largest": worst.difference,
        "mean": float(np.mean([one.difference for one in found])),
        "top_worse": top,
    }
    return Verdict(answer, sentence, numbers)


def greedy_against_top(group: Group, layers: int) -> Verdict:
    """Return whether greedy search beats dropping the top ``layers``, in runs of that step alone.

    Paired by seed, with equal epochs of the fine-tuning after; of several searches the one with
    most seeds. YES or NO when the 95 % interval (Student's t) lies on one side of 0.
    """
    matches = [
        (one, other, sorted(set(group.runs[one]) & set(group.runs[other])))
        for one, step in _drops(group, layers, "greedy")
        for other, fixed in _drops(group, layers, "top")
        if step.epochs == fixed.epochs
    ]
    one, other, seeds = max(matches, key=lambda match: len(match[2]), default=((), (), []))
    what = many(layers, "layer")
    question = f"Cannot tell whether greedy search drops {what} better than taking the top"
    if not seeds:
        return Verdict(CANNOT_TELL, f"{question}: no seed has both runs.")
    ours, theirs = group.scores(one), group.scores(other)
    mean, low, high = paired_interval([ours[seed] - theirs[seed] for seed in seeds])
    numbers = {"difference": mean, "low": low, "high": high, "seeds": len(seeds)}
    if len(seeds) < 2:
        return Verdict(CANNOT_TELL, f"{question} from one seed: {mean:+z.1f} points.", numbers)
    answer = YES if low > 0 else NO if high < 0 else CANNOT_TELL
    opening = {
        YES: f"Greedy search drops {what} better than taking the top",
        NO: f"Taking the top drops {what} better than greedy search",
        CANNOT_TELL: question,
    }[answer]
    sure = interval(low, high, len(seeds))
    return Verdict(answer, f"{opening}: {mean:+z.1f} points for greedy ({sure}).", numbers)


def _pair(greedy: Removal, every: list[Removal]) -> Pair:
    best = max(every, key=lambda one: (one.score, one.layers))
    return Pair(
        greedy.model,
        greedy.task,
        greedy.layers,
        greedy.score,
        best.layers,
        best.score,
        top_score=next(one.score for one in every if set(one.layers) == _TOP),
        rank=1 + sum(one.score > greedy.score for one in every),
    )


def _drops(group: Group, layers: int, rule: str) -> list[tuple[Order, DropLayers]]:
    """Return the runs of one ``drop`` alone by this rule, with its knobs."""
    found = []
    for order in sorted(group.runs):
        try:
            steps = parse_steps(" > ".join(order))
        except UserError:  # a record of another version
            continue
        if len(steps) == 1 and isinstance(steps[0], DropLayers):
            found.append((order, steps[0]))
    return [(order, step) for order, step in found if (step.layers, step.rule) == (layers, rule)]
