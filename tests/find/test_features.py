import numpy as np

from effexplorer.find.features import (
    CONSTANT,
    GROUP,
    OPERATOR,
    ORDER,
    PAIR,
    ROWS,
    ROWS_OPERATOR,
    SETTING,
    features,
    with_rows,
)
from effexplorer.pipeline import parse_steps

SPACE = [
    parse_steps(text)
    for text in ("", "prune", "prune(sparsity=0.8)", "trim", "prune > trim", "trim > prune")
]


def test_columns_are_for_operators_settings_pairs_and_their_order():
    matrix, kinds = features(SPACE)
    assert list(kinds) == [CONSTANT, OPERATOR, OPERATOR, SETTING, SETTING, PAIR, ORDER]
    assert matrix[0].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert matrix[1].tolist() == [1, 1, 0, 1, 0, 0, 0]
    assert matrix[2].tolist() == [1, 1, 0, 0, 1, 0, 0]


def test_two_orders_differ_in_the_sign_of_one_column():
    matrix, kinds = features(SPACE)
    difference = matrix[4] - matrix[5]
    assert np.flatnonzero(difference).tolist() == np.flatnonzero(kinds == ORDER).tolist()
    assert sorted([matrix[4, -1], matrix[5, -1]]) == [-1, 1]


def test_three_operators_have_a_column_of_their_own_in_any_order():
    space = [parse_steps(text) for text in ("prune > trim > exit", "exit > trim > prune", "exit")]
    matrix, kinds = features(space)
    assert matrix[:, kinds == GROUP].tolist() == [[1], [1], [0]]


def test_more_rows_may_change_every_score_and_each_operators_effect():
    matrix, kinds = features(SPACE)
    both, more = with_rows(matrix, kinds)
    assert both.shape[0] == 2 * len(SPACE)
    assert list(more[len(kinds) :]) == [ROWS, ROWS_OPERATOR, ROWS_OPERATOR]
    assert not both[: len(SPACE), len(kinds) :].any()
    assert both[len(SPACE), len(kinds) :].tolist() == [1, 0, 0]
    assert both[len(SPACE) + 4, len(kinds) :].tolist() == [1, 1, 1]
