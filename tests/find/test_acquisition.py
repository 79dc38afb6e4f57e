import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effexplorer.analysis.pareto import hypervolume
from effexplorer.find.acquisition import expected_gain

REFERENCE = (100.0, 50.0)
points = st.lists(st.tuples(st.floats(1, 120), st.floats(40, 100)), max_size=6)


@given(points, st.floats(1, 120), st.floats(40, 100))
def test_a_score_that_is_sure_gains_what_the_hypervolume_grows_by(front, cost, score):
    gain = expected_gain(np.array([score]), np.array([1e-9]), np.array([cost]), front, REFERENCE)
    grown = hypervolume([*front, (cost, score)], REFERENCE) - hypervolume(front, REFERENCE)
    assert gain[0] == pytest.approx(grown, abs=1e-5)


def test_an_unsure_score_gains_the_mean_of_what_it_may_gain():
    front, random = [(20.0, 80.0), (60.0, 85.0)], np.random.default_rng(0)
    scores = random.normal(82.0, 3.0, 20_000)
    before = hypervolume(front, REFERENCE)
    drawn = np.mean([hypervolume([*front, (30.0, score)], REFERENCE) - before for score in scores])
    gain = expected_gain(np.array([82.0]), np.array([3.0]), np.array([30.0]), front, REFERENCE)
    assert gain[0] == pytest.approx(drawn, rel=0.03)


def test_what_costs_more_than_the_limit_gains_nothing():
    gain = expected_gain(np.array([99.0]), np.array([1.0]), np.array([101.0]), [], REFERENCE)
    assert gain[0] == 0.0
