"""A search in earnest, with worker processes, on a tiny random model."""

import pytest

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.find import Goal, Request, find
from effexplorer.find.log import open_log
from effexplorer.find.search import cached_stages, training_rows
from effexplorer.find.state import State
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import open_store
from effexplorer.runner import run

PIPELINE = Pipeline("tiny", "reviews", (), 0, 40, 0.5)


def request(budget=3600.0) -> Request:
    return Request(PIPELINE, Goal(max_size=1e6), budget, "Q")


def test_a_real_search_explores_confirms_and_answers(local_tiny_model):
    events = list(find(request(), workers=1))
    ending = events[-1]
    assert ending["kind"] == "answer" and ending["best"]
    explored = open_store().runs(explored=True)
    assert explored and all(run.record.explored for run in explored)
    confirmed = [run for run in open_store().runs() if run.record.model == "tiny"]
    assert sorted(run.record.seed for run in confirmed) == [0, 1, 2]
    with open_log(request()) as log:
        assert State.of(log.events()).confirmed


def test_a_search_for_a_model_that_is_not_here_is_refused(monkeypatch):
    monkeypatch.setattr("effexplorer.hub.reachable", lambda: False)
    wanted = Request(Pipeline("bert-tiny", "reviews"), Goal(max_size=1e6), 60.0)
    with pytest.raises(UserError, match="bert-tiny: weights must be on this machine"):
        next(find(wanted))
    assert not home.searches_folder().exists()


def test_training_rows_are_those_asked_for_or_the_tasks():
    assert training_rows(PIPELINE) == 40
    assert training_rows(Pipeline("minilm", "reviews")) == 958


def test_stages_of_any_run_are_found_in_the_cache(local_tiny_model, monkeypatch):
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    run(PIPELINE)
    cached = cached_stages()
    assert cached(PIPELINE)
    assert not cached(Pipeline("tiny", "reviews", parse_steps("quantize"), 0, 40, 0.5))
