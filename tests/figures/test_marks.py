import re
from itertools import combinations
from pathlib import Path

import plotly.graph_objects as go
import pytest

from effexplorer.figures import mark
from effexplorer.figures.marks import SYMBOLS, set_name
from effexplorer.operators import OPERATORS

DOM = (Path(__file__).parents[2] / "effexplorer" / "ui" / "shared" / "dom.js").read_text("utf-8")

COMPRESSING = [cls.letter for cls in OPERATORS.values() if cls.letter != "F"]
SETS = [">".join(chosen) for size in range(1, 4) for chosen in combinations("DPQ", size)]


def test_every_subset_of_three_operators_has_a_colour_and_a_symbol_of_its_own():
    marks = [mark(letters) for letters in ["dense", *SETS]]
    assert len({one.series for one in marks}) == len({one.symbol for one in marks}) == 8


def test_every_operator_that_compresses_has_a_colour_and_a_symbol_of_its_own():
    marks = [mark(letters) for letters in ["dense", *COMPRESSING]]
    assert len({one.series for one in marks}) == len({one.symbol for one in marks}) == len(marks)


def test_the_control_has_the_dense_models_colour_and_a_symbol_of_its_own():
    others = {mark(letters).symbol for letters in ["dense", *COMPRESSING]}
    assert mark("F").series == mark("dense").series and mark("F").symbol not in others


def test_no_two_sets_of_operators_that_compress_look_the_same():
    sets = [">".join(chosen) for n in range(1, 8) for chosen in combinations(COMPRESSING, n)]
    marks = {mark(one) for one in ["dense", *sets]}
    assert len(marks) == 2 ** len(COMPRESSING)


def test_every_symbol_is_plotly_s_and_has_a_shape_in_the_app():
    go.Scatter(marker={"symbol": [*SYMBOLS, *(f"{symbol}-open" for symbol in SYMBOLS)]})
    shapes = re.search(r"SYMBOLS = \{(.*?)^\};", DOM, re.DOTALL | re.MULTILINE)[1]
    assert {name.strip('"') for name in re.findall(r'([\w"-]+): "M', shapes)} == set(SYMBOLS)


def test_the_order_of_operators_does_not_change_the_mark():
    assert mark("D>P>Q") == mark("Q>P>D")


def test_a_run_measured_here_is_open():
    assert mark("D", open=True).plotly_symbol == mark("D").plotly_symbol + "-open"


@pytest.mark.parametrize(
    ("letters", "name"), [("dense", "dense"), ("Q>D", "distill + quantize"), ("P", "prune")]
)
def test_a_set_is_named_in_the_order_of_the_operators(letters, name):
    assert set_name(letters) == name
