"""What a prediction looks at in a pipeline: operators, their settings, pairs and their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from effexplorer.find.space import Steps

CONSTANT, OPERATOR, SETTING, PAIR, ORDER, GROUP, ROWS, ROWS_OPERATOR = range(8)


def features(space: Sequence[Steps]) -> tuple[np.ndarray, np.ndarray]:
    """Return the features ``(pipelines, columns)`` of ``space``, and each column's kind.

    Columns are 1 for what a pipeline has: an operator, a setting of it (where the space has
    several), a pair of operators, a group of three or more. The order of a pair is 1, or -1 the
    other way round.
    """
    settings = sorted({(step.name, str(step)) for steps in space for step in steps})
    names = sorted({name for name, _ in settings})
    several = [
        setting for setting in settings if sum(name == setting[0] for name, _ in settings) > 1
    ]
    pairs = list(combinations(names, 2))
    groups = sorted({group for steps in space if len(group := _group(steps)) > 2})
    counts = (1, len(names), len(several), len(pairs), len(pairs), len(groups))
    matrix = np.zeros((len(space), sum(counts)))
    matrix[:, 0] = 1
    operator_at = {name: 1 + at for at, name in enumerate(names)}
    setting_at = {setting: 1 + len(names) + at for at, setting in enumerate(several)}
    pair_at = {pair: 1 + len(names) + len(several) + at for at, pair in enumerate(pairs)}
    group_at = {group: sum(counts[:5]) + at for at, group in enumerate(groups)}
    for row, steps in enumerate(space):
        if _group(steps) in group_at:
            matrix[row, group_at[_group(steps)]] = 1
        for step in steps:
            matrix[row, operator_at[step.name]] = 1
            if (step.name, str(step)) in setting_at:
                matrix[row, setting_at[step.name, str(step)]] = 1
        for before, after in combinations([step.name for step in steps], 2):
            if before == after:
                continue
            forward = before < after
            column = pair_at[(before, after) if forward else (after, before)]
            matrix[row, column] = 1
            matrix[row, column + len(pairs)] = 1 if forward else -1
    return matrix, np.repeat([CONSTANT, OPERATOR, SETTING, PAIR, ORDER, GROUP], counts)


def _group(steps: Steps) -> tuple[str, ...]:
    return tuple(sorted(step.name for step in steps))


def with_rows(matrix: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return features of every pipeline on few rows, then on all, and the columns' kinds.

    Columns are added for what more rows change: the score of every pipeline, and the effect of each
    operator.
    """
    change = matrix[:, (kinds == CONSTANT) | (kinds == OPERATOR)]
    few = np.hstack([matrix, np.zeros_like(change)])
    every = np.hstack([matrix, change])
    added = [ROWS, *[ROWS_OPERATOR] * (change.shape[1] - 1)]
    return np.vstack([few, every]), np.append(kinds, added)
