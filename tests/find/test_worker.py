"""A search as a job: started by the queue in a process of its own, watched, joined, cancelled."""

import json

import pytest

from effexplorer.errors import Cancelled, UserError
from effexplorer.find import worker
from effexplorer.jobs.events import EventLog
from effexplorer.jobs.job import CANCEL_FILE, HEARTBEAT_FILE
from effexplorer.jobs.queue import JobQueue
from effexplorer.jobs.request import Request, read_request
from tests.find.builders import a_request
from tests.jobs.conftest import finished, wait_for

SEARCH = a_request(budget=600.0)


@pytest.fixture
def folder(tmp_path):
    request = Request(SEARCH.pipeline, "me", 1.0, SEARCH.to_dict())
    request.write(tmp_path)
    return tmp_path


def kinds(folder):
    return [event["kind"] for event in EventLog(folder / "events.jsonl").events()]


def test_a_search_is_done_and_told_of_as_a_job(folder):
    asked = []

    def search(request, *, cancelled):
        asked.append(request)
        yield {"kind": "plan"}

    assert worker.main(folder, search) == 0
    assert asked == [SEARCH] and kinds(folder) == ["started", "done"]
    wait_for((folder / HEARTBEAT_FILE).exists)


def test_a_search_that_fails_says_why_in_a_sentence(folder):
    def search(request, *, cancelled):
        raise UserError("find: budget must be larger; got this.")
        yield

    assert worker.main(folder, search) == 1
    assert EventLog(folder / "events.jsonl").events()[-1]["text"].startswith("find: budget must")


def test_a_search_that_its_owner_cancelled_ends_so(folder):
    (folder / CANCEL_FILE).touch()

    def search(request, *, cancelled):
        if cancelled():
            raise Cancelled
        yield {}

    assert worker.main(folder, search) == 1
    assert kinds(folder)[-1] == "cancelled"


def test_a_request_reads_back_with_its_search(folder):
    found = read_request(folder)
    assert found.search == json.loads(json.dumps(SEARCH.to_dict()))


def test_searches_wait_in_the_queue_of_runs_under_their_own_id(tmp_path, monkeypatch):
    monkeypatch.setattr("effexplorer.jobs.scheduler.Scheduler.wake", lambda self: None)
    job_queue = JobQueue(tmp_path / "jobs", workers=0)
    job = job_queue.submit_search(SEARCH.pipeline, SEARCH.key, SEARCH.to_dict(), "me")
    assert job.id == SEARCH.key and job.state == "queued" and job.may_cancel("me")
    again = job_queue.submit_search(SEARCH.pipeline, SEARCH.key, SEARCH.to_dict(), "you")
    assert again is job and [one.id for one in job_queue.jobs()] == [job.id]


def test_the_queue_starts_a_search_in_a_process_of_its_own(tmp_path):
    job_queue = JobQueue(tmp_path / "jobs")
    odd = {"goal": "not one"}
    job = finished(job_queue.submit_search(SEARCH.pipeline, SEARCH.key, odd, "me"))
    wait_for(job_queue.close)
    assert job.state == "failed"
    assert job.progress().failure.startswith("find: must be a search's request; got")
