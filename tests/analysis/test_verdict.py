import math

import pytest

from effexplorer.analysis.verdict import chance, interval, listed


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_people_do(names, text):
    assert listed(names) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.412, "p = 0.41"), (0.0041, "p = 0.004"), (1e-9, "p < 0.001"), (math.nan, "p unknown")],
)
def test_a_p_value_has_the_digits_that_mean_something(p, text):
    assert chance(p) == text


def test_an_interval_tells_its_seeds():
    assert interval(-0.24, 1.36, 3) == "95 % interval -0.2 to +1.4, 3 seeds"
