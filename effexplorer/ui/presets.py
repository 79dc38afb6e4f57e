"""Presets of the builder: the subsets of distill, prune and quantize, and their orders."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

from effexplorer.operators import OPERATORS, Operator, Quantize

_THREE = ("distill", "prune", "quantize")


def presets() -> list[dict[str, Any]]:
    """Return the groups of presets: ``{"title", "source", "presets": [{"label", "steps"}]}``.

    The subsets stand in the order of Movva et al. 2022 (arXiv 2208.09684): distill, prune,
    quantize. The orders are those that Xin et al. 2022 (arXiv 2208.00483) compare.
    """
    subsets = [chosen for size in range(4) for chosen in combinations(_THREE, size)]
    return [
        _group("Subsets", "Movva et al. 2022", subsets),
        _group("Orders", "Xin et al. 2022", list(permutations(_THREE))[1:]),
    ]


def _group(title: str, source: str, choices: list[tuple[str, ...]]) -> dict[str, Any]:
    steps = [_steps(names) for names in choices]
    listed = [
        {
            "label": ">".join(step.letter for step in one) or "dense",
            "steps": [step.to_dict() for step in one],
        }
        for one in steps
    ]
    return {"title": title, "source": source, "presets": listed}


def _steps(names: tuple[str, ...]) -> list[Operator]:
    """Return the operators at their defaults, but quantize trains where something follows it."""
    steps: list[Operator] = [OPERATORS[name]() for name in names]
    for index, step in enumerate(steps[:-1]):
        if isinstance(step, Quantize):
            steps[index] = Quantize(mode="aware")
    return steps
