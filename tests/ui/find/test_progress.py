import asyncio

import pytest

from effexplorer.errors import UserError
from effexplorer.jobs.queue import JobQueue
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import Store
from effexplorer.ui.build.tab import Watched
from effexplorer.ui.find.progress import cancel, linked, search_state, start, watch
from tests.find.builders import a_request
from tests.find.saved_search import save_search
from tests.ui.find.test_panel import ASKED

REQUEST = a_request(budget=1200.0, max_size=30e6)
OWNER = "0" * 32


@pytest.fixture
def job_queue(own_home, monkeypatch):
    monkeypatch.setattr("effexplorer.jobs.scheduler.Scheduler.wake", lambda self: None)
    return JobQueue(own_home / "jobs")


@pytest.fixture
def store(own_home):
    return Store({"here": own_home / "runs"})


def test_a_finished_search_shows_its_answer_and_what_was_explored_and_confirmed(
    own_home, job_queue, store
):
    state = linked(job_queue, store, save_search(own_home, REQUEST))
    assert state["state"] == "done" and state["answer"]["keeps"]
    assert state["answer"]["best"]["costs"]["bytes"] <= 30e6
    assert len(state["answer"]["run"]) == 12
    phases = {point["explored"] for point in state["points"]}
    assert phases == {True, False} and state["limit"] == 30e6 and state["axis"] == "bytes"
    assert state["why"] == "" and 0 < state["fraction"] <= 1


def test_a_search_in_progress_says_why_the_next_one_is_next(own_home, job_queue, store):
    id = save_search(own_home, REQUEST, events=12)
    state = search_state(job_queue.find(id), None, store)
    assert state["state"] == "running" and "chance of" in state["why"]
    assert state["answer"] is None and state["findings"]


def test_a_new_search_waits_in_the_queue_and_belongs_to_who_asked(job_queue, store):
    state = start(job_queue, store, ASKED, OWNER)
    assert (state["state"], state["mine"]) == ("queued", True)
    assert not start(job_queue, store, ASKED, "1" * 32)["mine"]
    with pytest.raises(UserError, match="only the browser that started"):
        cancel(job_queue, state["id"], "1" * 32)


def test_a_run_and_an_unknown_id_are_no_search(job_queue, store):
    job = job_queue.submit(Pipeline("minilm", "reviews"), OWNER)
    assert linked(job_queue, store, job.id) is None
    assert linked(job_queue, store, "nothing") is None and linked(job_queue, store, "") is None


def test_a_search_is_watched_until_it_is_over(own_home, job_queue, store):
    id = save_search(own_home, REQUEST)

    async def seen():
        return [state async for state in watch(job_queue, store, Watched(id))]

    (state,) = asyncio.run(seen())
    assert state["state"] == "done"
