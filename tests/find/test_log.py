import pytest

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.find.log import SearchLog, open_log
from effexplorer.find.state import State
from tests.find.builders import RulePool, a_driver, a_request

REQUEST = a_request(budget=600.0)


def test_what_a_search_did_is_there_when_it_goes_on():
    pool = RulePool()
    with open_log(REQUEST) as log:
        for event in a_driver(REQUEST, pool).events():
            log.append(event)
    with open_log(REQUEST) as log:
        state = State.of(log.events())
    assert state.explored and state.confirmed and state.rungs == (None,)
    assert state.spent == pytest.approx(pool.now)


def test_progress_is_not_kept():
    with open_log(REQUEST) as log:
        log.append({"kind": "progress", "told": {}})
        log.append({"kind": "plan", "rungs": [None]})
        assert [event["kind"] for event in log.events()] == ["plan"]


def test_a_line_that_a_crash_left_unfinished_costs_that_line_alone():
    with open_log(REQUEST) as log:
        log.append({"kind": "plan", "rungs": [None]})
        path = next(log.folder.glob("events*"))
        path.write_bytes(path.read_bytes() + b'{"kind": "measu')
        log.append({"kind": "chosen", "trial": 0})
        assert [event["kind"] for event in log.events()] == ["plan", "chosen"]


def test_a_search_runs_once_at_a_time():
    with (
        open_log(REQUEST),
        pytest.raises(UserError, match="must run once at a time"),
        open_log(REQUEST),
    ):
        pass


def test_the_request_is_read_back_with_its_latest_budget():
    for budget in (60.0, 90.0):
        with open_log(a_request(budget=budget)) as log:
            assert log.request().budget == budget


def test_a_folder_that_is_no_search_is_told():
    with pytest.raises(UserError, match="find: must be a search of this machine; got 0123"):
        SearchLog(home.searches_folder() / "0123").request()
