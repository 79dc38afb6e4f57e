"""Who waits for whom: a bound for each browser, fair turns, a pause, workers that fall silent."""

import os
import sys
import time

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.jobs import JobQueue
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.job import HEARTBEAT_FILE
from effexplorer.jobs.scheduler import in_turn
from effexplorer.jobs.settings import QueueSettings
from effexplorer.pipeline import Pipeline, parse_steps

from .conftest import wait_for

WORKER = """
import json, pathlib, sys, time
with (pathlib.Path(sys.argv[1]) / "events.jsonl").open("a") as events:
    for kind in ("started", "done"):
        print(json.dumps({"kind": kind, "time": time.time()}), file=events, flush=True)
"""


def pipeline(seed):
    return Pipeline("minilm", "reviews", parse_steps("quantize"), seed=seed)


@pytest.fixture
def queue(tmp_path):
    seconds = iter(range(1000))
    queue = JobQueue(
        tmp_path / "jobs", command=("false",), workers=0, clock=lambda: float(next(seconds))
    )
    yield queue
    queue.close()


def test_one_browser_cannot_fill_the_queue(queue):
    for seed in range(limits.MAX_QUEUED_PER_OWNER):
        queue.submit(pipeline(700 + seed), "greedy")
    with pytest.raises(UserError, match="waiting runs of one browser"):
        queue.submit(pipeline(799), "greedy")
    assert queue.submit(pipeline(799), "modest").state == "queued"


def test_a_run_that_waits_already_is_joined_by_whoever_asks(queue):
    for seed in range(limits.MAX_QUEUED_PER_OWNER):
        queue.submit(pipeline(700 + seed), "greedy")
    assert queue.submit(pipeline(700), "greedy").id == pipeline(700).key


def test_everybody_s_first_run_comes_before_anybody_s_second(queue):
    asked = [("anna", 1), ("anna", 2), ("anna", 3), ("ben", 4), ("cleo", 5), ("ben", 6)]
    jobs = [queue.submit(pipeline(700 + seed), owner) for owner, seed in asked]
    order = [(job.request.owner, job.pipeline.seed - 700) for job in in_turn(jobs)]
    assert order == [("anna", 1), ("ben", 4), ("cleo", 5), ("anna", 2), ("ben", 6), ("anna", 3)]


def test_a_queue_that_is_drained_starts_everybody_s_first_before_anybody_s_second(tmp_path):
    queue = JobQueue(tmp_path / "jobs", command=(sys.executable, "-c", WORKER), workers=1)
    queue.change_settings(QueueSettings(paused=True, per_owner=5))
    names = ["A1", "A2", "A3", "A4", "A5", "B1", "C1"]
    jobs = {name: queue.submit(pipeline(700 + seed), name[0]) for seed, name in enumerate(names)}
    queue.change_settings(QueueSettings(paused=False, per_owner=5))
    wait_for(lambda: all(job.finished for job in jobs.values()))
    wait_for(queue.close)
    order = sorted(names, key=lambda name: jobs[name].started)
    assert order == ["A1", "B1", "C1", "A2", "A3", "A4", "A5"]


def test_a_turn_from_before_the_oldest_waiting_run_was_asked_for_is_not_counted(queue):
    earlier = queue.submit(pipeline(700), "anna")
    append_event(earlier.folder / EVENTS_FILE, {"kind": "started"}, lambda: 0.5)
    append_event(earlier.folder / EVENTS_FILE, {"kind": "done"}, lambda: 0.5)
    waiting = [queue.submit(pipeline(701), "anna"), queue.submit(pipeline(702), "ben")]
    assert in_turn(waiting, [earlier]) == waiting


def test_no_run_starts_while_the_queue_is_paused(tmp_path):
    queue = JobQueue(tmp_path / "jobs", command=("false",), workers=1)
    (tmp_path / "jobs").mkdir()
    queue.change_settings(QueueSettings(paused=True))
    job = queue.submit(pipeline(700), "anna")
    queue._scheduler.look()
    assert job.state == "queued" and queue.waiting() == [job.id]
    queue.close()


def test_settings_that_cannot_be_read_are_the_usual_ones(tmp_path, queue):
    queue.change_settings(QueueSettings(per_owner=7))
    (queue.folder / ".settings.json").write_text('{"per_owner": "many"}')
    assert queue.settings == QueueSettings()


def test_a_worker_without_a_heartbeat_is_silent(queue):
    job = queue.submit(pipeline(700), "anna")
    append_event(job.folder / EVENTS_FILE, {"kind": "started", "pid": 0})
    now = time.time()
    (job.folder / HEARTBEAT_FILE).touch()
    os.utime(job.folder / HEARTBEAT_FILE, (now - 30, now - 30))
    assert job.silent_seconds(now) == pytest.approx(30, abs=1)
    os.utime(job.folder / HEARTBEAT_FILE, (now - 1, now - 1))
    assert job.silent_seconds(now) is None
