"""Simulates the verdicts on pairs: exits first or last and greedy search, and two models' answers.

Pairs share what their seed does, so that only the noise of the difference counts. Answers are those
of two models to the same sentences, right together more often than by chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from effexplorer.analysis.advantage import advantages
from effexplorer.analysis.paired import mcnemar
from effexplorer.analysis.statistics import holm
from effexplorer.analysis.verdict import LEVEL, MARGIN

PAIRS = 18  # of one task; a page has two such tasks
NOISE = 0.7  # points: a difference from seed to seed, as between exit curves on SST-2
SENTENCES = 872
APART = 0.08  # of the sentences are answered right by one of two models alone


def rates(pages: int, seeds: int, advantage: float, *, unequal: float = 0.0) -> list[float]:
    """Return the shares of YES, of NO, and of pages with any YES; all pairs have ``advantage``."""
    random = np.random.default_rng(0)
    yes, no, any_yes = [], [], []
    for _ in range(pages):
        seen = []
        for _ in range(2):
            scale = NOISE * np.exp(random.normal(0, unequal, (PAIRS, 1)))
            seen += advantages(list(random.normal(advantage, scale, (PAIRS, seeds))))
        said = [p < LEVEL for p in holm([evidence.beyond for evidence in seen])]
        yes += said
        no += [evidence.within < LEVEL for evidence in seen]
        any_yes.append(any(said))
    return [float(np.mean(values)) for values in (yes, no, any_yes)]


def table(pages: int) -> Iterator[str]:
    """Yield the rows of the table on exits and layers."""
    yield "| true advantage | noise of pairs | seeds | yes | no | any yes on a page of 36 |"
    yield "|---|---|---|---|---|---|"
    cases = ((0.0, 0.0), (MARGIN, 0.0), (MARGIN, 0.5), (3.0, 0.0))
    for (advantage, unequal), seeds in itertools.product(cases, (3, 6, 10)):
        said = rates(pages, seeds, advantage, unequal=unequal)
        text = " | ".join(f"{100 * share:.1f} %" for share in said)
        noise = "differs" if unequal else "alike"
        yield f"| {advantage:g} points | {noise} | {seeds} | {text} |"


def answers(studies: int) -> Iterator[str]:
    """Yield the rows of the table on two models' answers."""
    yield "| true difference | McNemar's p < 0.05 | overlapping 95 % intervals differ |"
    yield "|---|---|---|"
    for points in (0.0, 2.0, 3.0):
        random = np.random.default_rng(0)
        changed = random.binomial(round(SENTENCES * APART), 0.5 + points / 200 / APART, studies)
        other = round(SENTENCES * APART) - changed
        significant = [mcnemar(int(a), int(b)) < LEVEL for a, b in zip(changed, other, strict=True)]
        share = 0.9 + (changed - other) / 2 / SENTENCES, 0.9 - (changed - other) / 2 / SENTENCES
        reach = [1.96 * np.sqrt(p * (1 - p) / SENTENCES) for p in share]
        apart = np.abs(share[0] - share[1]) > reach[0] + reach[1]
        yield (
            f"| {points:g} points | {100 * np.mean(significant):.1f} % "
            f"| {100 * apart.mean():.1f} % |"
        )
