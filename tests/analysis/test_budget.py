import pytest
from hypothesis import given
from hypothesis import strategies as st

from effexplorer.analysis.budget import best_under, cheapest_above
from effexplorer.records.schema import COSTS
from effexplorer.records.store import Run
from tests.builders import a_record

FIELDS = {"bytes": "bytes", "parameters": "parameters", "macs": "macs", "latency": "latency_ms"}


def run(score: float, cost: float, axis: str = "bytes") -> Run:
    return Run(a_record("prune", score=score, **{FIELDS[axis]: cost}), "shipped")


def test_every_cost_axis_is_tried():
    assert set(FIELDS) == set(COSTS)


@pytest.mark.parametrize("axis", COSTS)
def test_the_best_within_a_cost_and_the_cheapest_above_a_score(axis):
    runs = [run(90, 100, axis), run(85, 50, axis), run(80, 20, axis), run(70, 10, axis)]
    assert best_under(runs, axis, 50) is runs[1]
    assert best_under(runs, axis, 49.9) is runs[2]
    assert cheapest_above(runs, axis, 80) is runs[2]
    assert cheapest_above(runs, axis, 80.1) is runs[1]


def test_nothing_fits_is_none():
    runs = [run(90, 100)]
    assert best_under(runs, "bytes", 99) is None and cheapest_above(runs, "bytes", 91) is None
    assert best_under([], "bytes", 99) is None and cheapest_above([], "bytes", 0) is None


def test_ties_go_to_the_other_aim_and_then_to_the_oldest():
    runs = [run(90, 100), run(90, 80), run(90, 80), run(95, 200)]
    assert best_under(runs, "bytes", 150) is runs[1]
    assert cheapest_above([run(80, 80), *runs], "bytes", 80) is runs[1]


few = st.integers(1, 6).map(float)


@given(st.lists(st.tuples(few, few), max_size=12), few)
def test_no_run_does_better_than_the_answer(points, bound):
    runs = [run(score, cost) for cost, score in points]
    best, small = best_under(runs, "bytes", bound), cheapest_above(runs, "bytes", bound)
    fitting = [score for cost, score in points if cost <= bound]
    good = [cost for cost, score in points if score >= bound]
    assert (best.record.final.score if best else None) == max(fitting, default=None)
    assert (small.record.final.bytes if small else None) == min(good, default=None)
