import json

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.find.goal import Goal
from effexplorer.find.request import Request
from effexplorer.pipeline import Pipeline
from tests.find.builders import a_request


def test_a_request_reads_back_as_it_was_written():
    request = a_request("Q,D", budget=90.0, max_size=15e6, lose_at_most=1.0)
    assert Request.from_dict(json.loads(json.dumps(request.to_dict()))) == request


def test_a_larger_budget_goes_on_with_the_same_search():
    assert a_request(budget=60.0).key == a_request(budget=6000.0).key
    assert a_request(max_size=1e6).key != a_request(max_size=2e6).key
    assert a_request("D,P").key != a_request("D,Q").key


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), 2 * limits.MAX_FIND_SECONDS])
def test_a_budget_out_of_bounds_is_told(budget):
    with pytest.raises(UserError, match="find: budget must be more than 0 and at most 168 hours"):
        a_request(budget=budget)


def test_a_goal_without_limits_is_told():
    with pytest.raises(UserError, match="must have a limit for a cost or for the score; got none"):
        Request(Pipeline("minilm", "reviews"), Goal(), 60.0)


def test_an_unknown_model_is_told():
    with pytest.raises(UserError, match="model: must be one of"):
        Request(Pipeline("nobody", "reviews"), Goal(max_size=1e6), 60.0)


@pytest.mark.parametrize("plain", [None, {}, {"pipeline": {}}, {"goal": {"colour": "red"}}])
def test_what_describes_no_request_is_told(plain):
    with pytest.raises(UserError):
        Request.from_dict(plain)
