"""How long waiting runs wait: the whole queue is judged at once, each pipeline once."""

import dataclasses

import pytest

from effexplorer.jobs import JobQueue, waiting
from effexplorer.jobs.settings import QueueSettings
from effexplorer.jobs.waiting import seconds_until_start
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import write_record
from effexplorer.records.store import HERE, Store
from effexplorer.runner.estimate import Estimate
from tests.builders import a_record


def pipeline(seed):
    return Pipeline("minilm", "reviews", parse_steps("quantize"), seed=seed)


@pytest.fixture
def queue(tmp_path):
    queue = JobQueue(tmp_path / "jobs", command=("false",), workers=0)
    yield queue
    queue.close()


@pytest.fixture
def store(tmp_path):
    return Store({HERE: tmp_path / "runs"})


@pytest.fixture
def judged(monkeypatch):
    """Let every pipeline take ten seconds; return the list of those that were judged."""
    judged = []

    def ten_seconds(pipeline, runs):
        judged.append(pipeline.seed)
        return Estimate(100, 10.0, "judged by a test")

    monkeypatch.setattr(waiting, "estimate", ten_seconds)
    return judged


def submit(queue, count):
    """Return the ids of as many waiting runs, each of another browser."""
    ids = [queue.submit(pipeline(900 + seed), f"browser {seed}").id for seed in range(count)]
    queue._scheduler.look()
    return ids


def test_a_run_waits_for_all_that_come_before_it(queue, store, judged):
    ids = submit(queue, 3)
    assert seconds_until_start(queue, store) == dict(zip(ids, [0.0, 10.0, 20.0], strict=True))


def test_each_pipeline_is_judged_once_until_the_store_changes(queue, store, judged, tmp_path):
    submit(queue, 5)
    for _ in range(3):
        seconds_until_start(queue, store)
    assert sorted(judged) == [900, 901, 902, 903, 904]
    write_record(a_record(task="reviews"), tmp_path / "runs")
    seconds_until_start(queue, store)
    assert len(judged) == 10


def test_behind_a_run_that_cannot_be_judged_no_wait_is_known(queue, store):
    ids = submit(queue, 3)  # the store is empty, so nothing tells how long a run takes
    assert seconds_until_start(queue, store) == dict(zip(ids, [0.0, None, None], strict=True))


def test_a_paused_queue_has_no_waits(queue, store, judged):
    submit(queue, 2)
    queue.change_settings(dataclasses.replace(QueueSettings(), paused=True))
    assert seconds_until_start(queue, store) == {}
