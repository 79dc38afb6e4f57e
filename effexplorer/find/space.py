"""The space of a search: every legal order of a few operators, with a few settings of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.operators import OPERATORS, Operator, make_operator
from effexplorer.pipeline import Pipeline, step_problems

Steps = tuple[Operator, ...]
LETTERS = "DLPQSEV"


def read_letters(text: str) -> tuple[str, ...]:
    """Return the operators' names for ``"D,P,Q"``; raises UserError for an unknown letter."""
    names = {cls.letter: name for name, cls in OPERATORS.items() if cls.letter in LETTERS}
    letters = [letter.strip().upper() for letter in text.split(",") if letter.strip()]
    for letter in letters or [text]:
        if letter not in names:
            allowed = ", ".join(names)
            raise UserError(f"operators: each must be one of {allowed}; got {shown(letter)}.")
    return tuple(dict.fromkeys(names[letter] for letter in letters))


def settings(name: str, layers: int) -> list[Operator]:
    """Return the settings of the operator ``name`` that a search tries on a model of ``layers``."""
    half, third = max(1, layers // 2), max(1, layers // 3)
    choices: dict[str, list[dict[str, float | str]]] = {
        "distill": [{"layers": half}, {"layers": third}],
        "drop": [{"layers": third}, {"layers": half}],
        "prune": [{"sparsity": 0.6}, {"sparsity": 0.8}],
        "quantize": [{}, {"mode": "aware"}],
        "slenderize": [{"heads": 0.75, "ffn": 0.75}, {"heads": 0.5, "ffn": 0.5}],
    }
    made = [make_operator(name, knobs) for knobs in choices.get(name, [{}])]
    return list(dict.fromkeys(made))


def space(pipeline: Pipeline, names: Sequence[str]) -> tuple[Steps, ...]:
    """Return the legal steps, each operator of ``names`` at most once, shortest first.

    The empty ones, the dense model's, come first, and every beginning of steps is there too. They
    are as long as fit into ``limits.MAX_FIND_CANDIDATES``, at most ``limits.MAX_FIND_STEPS``.
    ``pipeline`` tells the model.
    """
    tries = {name: settings(name, pipeline.outline.layers) for name in names}
    candidates: list[Steps] = [()]
    for length in range(1, min(len(tries), limits.MAX_FIND_STEPS) + 1):
        longer = list(_legal(pipeline, tries, length))
        if len(candidates) + len(longer) > limits.MAX_FIND_CANDIDATES:
            break
        candidates += longer
    return tuple(candidates)


def _legal(pipeline: Pipeline, tries: dict[str, list[Operator]], length: int) -> Iterator[Steps]:
    for names in permutations(tries, length):
        for steps in product(*(tries[name] for name in names)):
            if not any(step_problems(steps, pipeline.outline)):
                yield steps
