from hypothesis import given
from hypothesis import strategies as st

from effexplorer.analysis.pareto import front

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
