import numpy as np
import pytest

from effexplorer.operators.matching import evenly_spaced, matched_exits, same_depth


@pytest.mark.parametrize(
    ("layers", "kept", "expected"),
    [(6, 3, [0, 2, 4]), (12, 6, [0, 2, 4, 6, 8, 10]), (12, 4, [0, 3, 6, 9]), (6, 1, [0])],
)
def test_evenly_spaced_layers_are_those_of_distilbert(layers, kept, expected):
    assert evenly_spaced(layers, kept) == expected


@pytest.mark.parametrize("layers", range(2, 25))
def test_evenly_spaced_layers_are_distinct_rising_and_begin_with_the_first(layers):
    for kept in range(1, layers):
        chosen = evenly_spaced(layers, kept)
        assert len(chosen) == kept and chosen == sorted(set(chosen))
        assert chosen[0] == 0 and chosen[-1] < layers
        gaps = np.diff([*chosen, layers])
        assert gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize(
    ("layers", "own", "expected"),
    [
        (12, 4, [3, 6, 9, 12]),  # TinyBERT's g(m) = 3m
        (6, 2, [3, 6]),
        (6, 6, [1, 2, 3, 4, 5, 6]),
        (6, 4, [2, 3, 5, 6]),
        (3, 6, [1, 1, 2, 2, 3, 3]),
        (2, 3, [1, 2, 2]),
    ],
)
def test_layers_at_the_same_depth_are_those_of_tinybert(layers, own, expected):
    assert same_depth(layers, own) == expected


@pytest.mark.parametrize("layers", range(1, 25))
def test_the_last_layer_meets_the_last_and_none_is_shallower_than_its_share(layers):
    for own in range(1, 25):
        matched = same_depth(layers, own)
        assert matched[-1] == layers and min(matched) >= 1
        shares = [layer / layers - (at + 1) / own for at, layer in enumerate(matched)]
        assert all(-1e-9 <= share < 1 / layers for share in shares)


@pytest.mark.parametrize(
    ("own", "matched", "taught", "expected"),
    [
        ([], [3, 6], [6], [0]),  # one exit each
        ([1, 2], [1, 3, 5], [1, 2, 3, 4, 5, 6], [0, 2, 5]),  # half of the layers
        ([1], [3, 6], [1, 2, 3, 4, 5, 6], [2, 5]),
        ([1, 2], [2, 4, 6], [3, 6], [0, 0, 1]),  # the nearest, the shallower of two
        ([1, 2, 3], [1, 1, 2, 2], [1, 2], [0, 0, 1, 1]),  # a deeper student
    ],
)
def test_an_exit_learns_from_the_one_at_the_matched_layer(own, matched, taught, expected):
    assert matched_exits(own, matched, taught) == expected
