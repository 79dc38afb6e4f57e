import asyncio
import threading

import pytest

from effexplorer.errors import UserError
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import write_record
from effexplorer.records.store import HERE, Store
from effexplorer.ui.build import tab as build
from tests.builders import a_record

OWNER = "0123456789abcdef" * 2
PIPELINE = Pipeline("minilm", "reviews", parse_steps("quantize"), seed=987)  # not a shipped run


class Board:
    """A queue that starts nothing: its jobs are folders."""

    def __init__(self, folder):
        from effexplorer.jobs import JobQueue

        self.real = JobQueue(folder, command=("false",), workers=0)
        self.submit, self.find, self.place = self.real.submit, self.real.find, self.real.place
        self.cancel, self.waiting = self.real.cancel, self.real.waiting
        self.jobs, self.settings = self.real.jobs, self.real.settings


@pytest.fixture
def job_queue(tmp_path):
    job_queue = Board(tmp_path / "jobs")
    yield job_queue
    job_queue.real.close()


@pytest.fixture
def store(tmp_path):
    return Store({HERE: tmp_path / "runs"})


def watched_states(store, job_queue, id):
    async def collect():
        states = build.watch(store, job_queue, build.Watched(id))
        return [state["state"] async for state in states]

    return asyncio.run(collect())


def test_a_started_run_is_its_owner_s(store, job_queue):
    id, state = build.start(store, job_queue, PIPELINE.to_dict(), OWNER)
    assert (id, state["state"], state["mine"]) == (PIPELINE.key, "queued", True)


def test_who_asks_for_the_same_pipeline_joins_but_does_not_own_it(store, job_queue):
    build.start(store, job_queue, PIPELINE.to_dict(), OWNER)
    id, state = build.start(store, job_queue, PIPELINE.to_dict(), "f" * 32)
    assert (id, state["mine"]) == (PIPELINE.key, False)


def test_a_run_that_exists_starts_no_job(store, job_queue, tmp_path):
    record = a_record("prune", task="reviews")
    write_record(record, tmp_path / "runs")
    assert build.start(store, job_queue, record.pipeline, OWNER) == (record.id, None)
    assert not job_queue.real.jobs()


@pytest.mark.parametrize("owner", [None, "", "x" * 32, "0" * 33, ["0" * 32]])
def test_what_is_no_token_is_refused(store, job_queue, owner):
    with pytest.raises(UserError, match="owner: must be"):
        build.start(store, job_queue, PIPELINE.to_dict(), owner)


def test_an_illegal_pipeline_starts_no_job(store, job_queue):
    plan = Pipeline("minilm", "reviews", parse_steps("quantize > prune"))
    with pytest.raises(UserError, match="a step that trains must stand before"):
        build.start(store, job_queue, plan.to_dict(), OWNER)


def test_a_stranger_cannot_cancel(store, job_queue):
    id, _ = build.start(store, job_queue, PIPELINE.to_dict(), OWNER)
    with pytest.raises(UserError, match="only the browser that started"):
        build.cancel(job_queue, id, "f" * 32)


def test_watching_ends_with_the_job(store, job_queue):
    id, _ = build.start(store, job_queue, PIPELINE.to_dict(), OWNER)
    append_event(
        job_queue.find(id).folder / EVENTS_FILE, {"kind": "failed", "text": "run: it ended."}
    )
    assert watched_states(store, job_queue, id) == ["failed"]


@pytest.mark.parametrize("id", ["", "0" * 12])
def test_watching_nothing_shows_nothing(store, job_queue, id):
    assert watched_states(store, job_queue, id) == []


def test_watching_ends_when_the_tab_turns_to_another_job(store, job_queue):
    id, _ = build.start(store, job_queue, PIPELINE.to_dict(), OWNER)
    watched = build.Watched(id)

    async def collect():
        states = []
        async for state in build.watch(store, job_queue, watched):
            states.append(state["state"])
            watched.id = "0" * 12
        return states

    assert asyncio.run(collect()) == ["queued"]


def test_the_waits_are_judged_beside_the_event_loop(store, job_queue, monkeypatch):
    id, _ = build.start(store, job_queue, PIPELINE.to_dict(), OWNER)
    threads = []
    monkeypatch.setattr(
        build, "seconds_until_start", lambda *_: threads.append(threading.current_thread()) or {}
    )

    async def first_state():
        return await anext(build.watch(store, job_queue, build.Watched(id)))

    assert asyncio.run(first_state())["state"] == "queued"
    assert threads != [threading.main_thread()] and len(threads) == 1
