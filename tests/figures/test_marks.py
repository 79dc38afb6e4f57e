from itertools import combinations

import pytest

from effexplorer.figures import mark
from effexplorer.figures.marks import set_name

SETS = [">".join(chosen) for size in range(1, 4) for chosen in combinations("DPQ", size)]


def test_every_subset_of_three_operators_has_a_colour_and_a_symbol_of_its_own():
    marks = [mark(letters) for letters in ["dense", *SETS]]
    assert len({one.series for one in marks}) == len({one.symbol for one in marks}) == 8


def test_the_order_of_operators_does_not_change_the_mark():
    assert mark("D>P>Q") == mark("Q>P>D")


def test_a_run_measured_here_is_open():
    assert mark("D", open=True).plotly_symbol == mark("D").plotly_symbol + "-open"


@pytest.mark.parametrize(
    ("letters", "name"), [("dense", "dense"), ("Q>D", "distill + quantize"), ("P", "prune")]
)
def test_a_set_is_named_in_the_order_of_the_operators(letters, name):
    assert set_name(letters) == name
