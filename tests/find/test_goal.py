import pytest

from effexplorer.errors import UserError
from effexplorer.find.goal import Goal


def test_without_an_aim_the_best_score_within_the_limits_is_sought():
    assert Goal(max_size=15e6).aim == "score"


@pytest.mark.parametrize("rule", [{"min_score": 90.0}, {"lose_at_most": 0.0}])
def test_where_a_score_is_asked_for_the_smallest_file_is_sought(rule):
    assert Goal(**rule).aim == "size"


@pytest.mark.parametrize(
    ("goal", "axis", "axes"),
    [
        (Goal(), "bytes", ("bytes",)),
        (Goal(max_latency=2.0), "latency", ("latency",)),
        (Goal(max_size=1e6, max_macs=1e6), "bytes", ("bytes", "macs")),
        (Goal(max_size=1e6, aim="latency"), "latency", ("latency", "bytes")),
    ],
)
def test_the_plane_has_the_aims_axis_else_that_of_the_first_limit(goal, axis, axes):
    assert (goal.axis, goal.axes) == (axis, axes)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"max_size": 0.0}, "max-size must be above 0; got 0.0"),
        ({"max_latency": float("nan")}, "max-latency must be above 0; got nan"),
        ({"lose_at_most": -1.0}, "lose-at-most must be above 0; got -1.0"),
        ({"aim": "beauty"}, "goal must be one of size, macs, latency, score; got beauty"),
        ({"min_score": 1.0, "lose_at_most": 1.0}, "min-score or lose-at-most; got both"),
    ],
)
def test_what_cannot_be_a_goal_is_told(rule, said):
    with pytest.raises(UserError, match=said):
        Goal(**rule)


def test_limits_are_kept_on_every_axis_and_for_the_score_beside_the_dense_model():
    goal = Goal(max_size=10.0, max_macs=10.0, lose_at_most=1.0)
    costs = {"bytes": 10.0, "macs": 10.0, "latency": 99.0}
    assert goal.keeps(costs, 89.0, dense=90.0)
    assert not goal.keeps(costs, 88.9, dense=90.0)
    assert not goal.keeps(costs | {"macs": 11.0}, 95.0, dense=90.0)


def test_the_best_is_the_cheapest_or_the_highest_score_as_asked():
    small, good = ({"bytes": 1.0}, 80.0), ({"bytes": 2.0}, 90.0)
    assert min((small, good), key=lambda one: Goal(aim="size").rank(*one)) == small
    assert min((small, good), key=lambda one: Goal(aim="score").rank(*one)) == good


def test_a_goal_in_words_names_every_limit():
    words = str(Goal(max_size=15e6, max_latency=2.0, lose_at_most=1.0))
    assert words == (
        "the smallest file, at most 15.0 MB, at most 2.0 ms, at most 1 points below the dense model"
    )
