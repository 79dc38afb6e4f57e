"""Whether early exits gain anything: compute saved at the operating point, and what it costs.

The claim to test: convergence-based exits give distilled MiniLMs no speed-up at all (Kapadia et al.
2026, LEAP, arXiv 2605.01058). Here exits are trained classifiers that leave by confidence, at the
threshold that was chosen on held-out training data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.advantage import Advantage, advantages
from effexplorer.analysis.floor import void
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.practical import Practical, practical
from effexplorer.analysis.statistics import paired_interval
from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    LEVEL,
    MARGIN,
    NO,
    YES,
    Evidence,
    Untested,
    Verdict,
    interval,
    needed_p,
)
from effexplorer.records.schema import Record
from effexplorer.units import many

PIPELINES = (("exit",), ("distill", "exit"))  # a distilled MiniLM, and one distilled once more


@dataclass(frozen=True)
class GainEvidence:
    """What the exits of one pipeline save and cost.

    ``saved`` is the share of MACs in percent with its 95 % interval; ``lost`` is what full depth
    scores more, ``adaptive`` what leaving by confidence scores more than leaving at one depth for
    the same MACs.
    """

    saved: tuple[float, float, float]
    lost: Advantage
    adaptive: Advantage
    practical: Practical

    @property
    def beyond(self) -> float:
        """Return the p-value that the loss is at most the margin."""
        return self.lost.beyond

    def verdict(self, corrected: float, tests: int) -> Verdict:
        """Return YES if compute is surely saved for less than the margin, NO if for surely more."""
        margin = many(self.lost.margin, "point")
        mean, low, high = self.saved
        kept = self.lost.within < LEVEL and low > 0
        answer = YES if kept else NO if corrected < LEVEL or high <= 0 else CANNOT_TELL
        opening = {
            YES: f"Exits save compute for surely less than {margin}",
            NO: f"Exits save no compute for less than {margin}",
            CANNOT_TELL: f"Cannot tell whether exits save compute for less than {margin}",
        }[answer]
        sentence = (
            f"{opening}: {mean:.0f} % of the MACs (95 % interval {low:.0f} to {high:.0f} %) for "
            f"{self.practical.words(self.lost.difference, 'lost')} "
            f"({interval(self.lost.low, self.lost.high)}; {many(self.lost.seeds, 'seed')}). "
            f"Leaving by confidence scores {self.adaptive.difference:+z.1f} points against one "
            "depth for all at the same compute "
            f"({interval(self.adaptive.low, self.adaptive.high)})."
        )
        needs = {
            YES: needed_p(f"{margin} or more were lost", self.lost.within) + "; and compute saved",
            NO: needed_p(f"{margin} or less were lost", corrected, tests) + "; or nothing saved",
        }
        numbers = {
            "saved": mean,
            "difference": self.lost.difference,
            "low": self.lost.low,
            "high": self.lost.high,
            "adaptive": self.adaptive.difference,
            "adaptive_low": self.adaptive.low,
            "adaptive_high": self.adaptive.high,
            "seeds": self.lost.seeds,
            "margin": self.lost.margin,
            "within": self.lost.within,
            "beyond": corrected,
        }
        return Verdict(answer, sentence, numbers, needs)


def gain_evidence(group: Group, *, margin: float = MARGIN) -> dict[Order, Evidence]:
    """Return what exits gain in the pipelines of ``PIPELINES`` that were run with two seeds."""
    orders = [
        order
        for order, by_seed in sorted(group.runs.items())
        if operator_names(order) in PIPELINES
        and len(by_seed) > 1
        and all(run.final.operating for run in by_seed.values())
    ]
    evidence: dict[Order, Evidence] = {}
    tested = []
    for order in orders:
        if reason := void(group, (order,)):
            evidence[order] = Untested(reason, void=True)
        else:
            tested.append(order)
    runs = [list(group.runs[order].values()) for order in tested]
    lost = advantages([[_lost(run) for run in some] for some in runs], margin=margin)
    adaptive = advantages([[_adaptive(run) for run in some] for some in runs], margin=margin)
    for order, some, loss, gain in zip(tested, runs, lost, adaptive, strict=True):
        saved = paired_interval([_saved(run) for run in some])
        evidence[order] = GainEvidence(saved, loss, gain, practical(group))
    return dict(sorted(evidence.items()))


def _saved(run: Record) -> float:
    return 100 * (1 - run.final.operating["macs"] / run.final.exits[-1].macs)


def _lost(run: Record) -> float:
    return run.final.score - run.final.operating["score"]


def _adaptive(run: Record) -> float:
    """Return the score at the operating point less that of one depth for all, between two exits."""
    macs = [exit.macs for exit in run.final.exits]
    scores = [exit.score for exit in run.final.exits]
    operating = run.final.operating
    return operating["score"] - float(np.interp(operating["macs"], macs, scores))
