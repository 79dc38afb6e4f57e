import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.find.plan import first_rows, make_plan
from effexplorer.find.prices import FIRST_OVERHEAD, Prices
from tests.find.builders import a_request


def plan(budget: float, rows: int = 8_000, workers: int = 1):
    request = a_request(budget=budget)
    prices = Prices(request.pipeline, [], rows)
    prices.learn({request.pipeline: 100.0}, [])
    return make_plan(request, request.space, prices, rows, workers)


def test_a_large_budget_explores_on_all_rows():
    assert plan(3600 * 5).rungs == (None,)


def test_a_small_budget_begins_with_the_most_rows_that_buy_enough():
    assert plan(2400).rungs == (2_000, None)
    assert plan(1500).rungs == (1_000, None)


def test_rows_are_not_fewer_than_rank_pipelines():
    assert plan(1500, rows=limits.MIN_FIND_ROWS).rungs == (None,)


def test_two_workers_buy_more():
    assert sum(plan(3000, workers=2).stages) > sum(plan(3000).stages)


def test_a_budget_that_buys_nothing_is_told_with_what_it_takes():
    with pytest.raises(UserError, match=r"find: budget must be at least .* min .*; got 20 s"):
        plan(20.0)


def test_speed_is_seen_on_few_rows_where_there_are_many():
    assert first_rows(a_request(), 8_000) == 1_000
    assert first_rows(a_request(), 900) is None


def test_prices_follow_what_was_measured_here():
    request = a_request()
    prices = Prices(request.pipeline, [], 1_000)
    assert not prices.known and prices.stage(request.pipeline) == FIRST_OVERHEAD
    prices.learn({request.pipeline: 40.0}, [1.0, 3.0])
    assert prices.known and prices.stage(request.pipeline) == pytest.approx(42.0)
    half = request.space[1]
    assert str(half[0]) == "distill"
