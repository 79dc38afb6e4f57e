import optuna
import pytest

from effexplorer.find.optuna_study import NOTHING, stored
from tests.find.builders import RulePool, a_driver, a_request

REQUEST = a_request(budget=600.0)


def trials(path):
    (name,) = optuna.get_all_study_names(f"sqlite:///{path}")
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}").trials


@pytest.fixture
def events():
    return list(a_driver(REQUEST, RulePool()).events())


def test_everything_measured_is_a_trial_that_says_how_it_was_measured(tmp_path, events):
    path = tmp_path / "trials.db"
    assert list(stored(events, REQUEST, path)) == events
    measured = [event for event in events if event["kind"] == "measured"]
    found = trials(path)
    assert len(found) == len(measured)
    for trial, event in zip(found, measured, strict=True):
        assert trial.values == [event["stage"]["bytes"], event["stage"]["score"]]
        assert trial.user_attrs["phase"] == ("explored" if event["explored"] else "confirmed")
        typed = [param for param in trial.params.values() if param != NOTHING]
        assert " > ".join(typed) == event["steps"] == trial.user_attrs["steps"]


def test_a_search_that_goes_on_adds_no_trial_twice(tmp_path, events):
    path = tmp_path / "trials.db"
    list(stored(events, REQUEST, path))
    before = len(trials(path))
    list(stored(events, REQUEST, path))
    assert len(trials(path)) == before
