import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effexplorer.analysis.pareto import front, hypervolume

few = st.integers(0, 6).map(float)  # few values, so that ties are common
POINTS = st.lists(st.tuples(few, few) | st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=40)


def dominated(point, by) -> bool:
    return by != point and by[0] <= point[0] and by[1] >= point[1]


@given(POINTS)
def test_the_front_is_what_no_other_point_dominates(points):
    expected = {
        index
        for index, point in enumerate(points)
        if not any(dominated(point, other) for other in points)
    }
    assert set(front(points)) == expected


@given(POINTS)
def test_the_front_is_cheapest_first_and_names_each_point_once(points):
    found = front(points)
    costs = [points[index][0] for index in found]
    scores = [points[index][1] for index in found]
    assert costs == sorted(costs) and scores == sorted(scores)
    assert len(found) == len(set(found))


def test_no_points_have_an_empty_front():
    assert front([]) == []


def test_equal_points_stay_together():
    assert front([(1, 90), (2, 80), (1, 90)]) == [0, 2]


def test_the_hypervolume_of_two_steps_is_the_sum_of_their_rectangles():
    assert hypervolume([(20, 80), (60, 90)], (100, 50)) == 80 * 30 + 40 * 10


@pytest.mark.parametrize("points", [[], [(100, 80)], [(120, 80)], [(20, 50)], [(20, 40)]])
def test_points_beyond_the_reference_have_no_hypervolume(points):
    assert hypervolume(points, (100, 50)) == 0


CELLS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=10)


@given(CELLS)
def test_the_hypervolume_counts_the_cells_of_a_grid_that_a_point_dominates(points):
    cells = itertools.product(range(10), range(2, 13))  # reference: cost 10, score 2
    covered = sum(any(cost <= x and score >= y + 1 for cost, score in points) for x, y in cells)
    assert hypervolume(points, (10, 2)) == covered


@given(POINTS, POINTS)
def test_more_points_never_make_the_hypervolume_smaller(points, more):
    reference = (10.0, -1.0)
    assert hypervolume(points + more, reference) >= hypervolume(points, reference) - 1e-9
