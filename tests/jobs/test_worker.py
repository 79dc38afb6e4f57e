import errno
from types import SimpleNamespace

import pytest

from effexplorer import limits
from effexplorer.errors import Cancelled, UserError
from effexplorer.jobs import worker
from effexplorer.jobs.events import EventLog, append_event
from effexplorer.jobs.request import Request
from tests.jobs.fake_worker import sample_pipeline


@pytest.fixture
def folder(own_home):
    """Give a job's folder with a request in it."""
    found = own_home / "jobs" / sample_pipeline().key
    found.mkdir(parents=True)
    Request(sample_pipeline(), "me", 1.0).write(found)
    return found


def last_event(folder):
    return EventLog(folder / "events.jsonl").events()[-1]


def raising(error):
    def run(pipeline, **_):
        raise error

    return run


def test_the_run_is_given_the_pipeline_and_the_folder_of_the_records(folder, own_home):
    given = {}

    def run(pipeline, *, runs_folder, report, cancelled):
        given.update(pipeline=pipeline, runs_folder=runs_folder)
        return SimpleNamespace(id=pipeline.key)

    assert worker.main(folder, run) == 0
    assert given == {"pipeline": sample_pipeline(), "runs_folder": own_home / "runs"}
    assert last_event(folder)["kind"] == "done"


def test_the_cancel_file_is_seen_by_the_run(folder):
    def run(pipeline, *, cancelled, **_):
        before = cancelled()
        (folder / "cancel").touch()
        if cancelled() and not before:
            raise Cancelled

    assert worker.main(folder, run) == 1
    assert last_event(folder)["kind"] == "cancelled"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UserError("task: must be known; got x."), "task: must be known; got x."),
        (MemoryError(), "run: must fit into this machine's memory"),
        (OSError(errno.ENOSPC, "No space left"), "effexplorer: must have room for its files"),
        (OSError(errno.EIO, "Input/output error"), "Internal error "),
        (RuntimeError("inner working"), "Internal error "),
    ],
)
def test_the_last_event_says_why_the_run_stopped(folder, error, text):
    assert worker.main(folder, raising(error)) == 1
    assert last_event(folder)["kind"] == "failed"
    assert last_event(folder)["text"].startswith(text)
    assert "inner working" not in last_event(folder)["text"]


def test_a_folder_without_a_request_is_told(tmp_path):
    assert worker.main(tmp_path, raising(AssertionError)) == 1
    assert last_event(tmp_path)["text"].startswith("job: must hold a readable request.json")


def test_progress_that_comes_too_soon_is_dropped_but_not_a_stages_last(tmp_path):
    times, path = iter([0.0, 0.1, 0.2, 9.0]), tmp_path / "events.jsonl"
    append_event(path, {"kind": "started"})
    report = worker.Reporter(path, lambda: next(times))
    for done in (1, 2, 4, 3):
        report({"kind": "progress", "index": 0, "done": done, "total": 4})
    assert [event["done"] for event in EventLog(path).events()[1:]] == [1, 4, 3]


def test_a_full_event_file_takes_no_more_progress_but_all_else(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_EVENT_BYTES", 10)
    path = tmp_path / "events.jsonl"
    append_event(path, {"kind": "started"})
    report = worker.Reporter(path)
    report({"kind": "progress", "index": 0, "done": 1, "total": 4})
    report({"kind": "note", "text": "still here"})
    assert [event["kind"] for event in EventLog(path).events()] == ["started", "note"]
