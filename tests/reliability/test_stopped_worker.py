"""A worker that is stopped, not ended: it is told, and the queue goes on without it."""

import os
import signal
import time

import pytest

from effexplorer import limits
from effexplorer.jobs.job import HEARTBEAT_FILE
from tests.jobs import fake_worker
from tests.jobs.conftest import finished, home, job_queue, open_queue, wait_for, worker_pid

__all__ = ["home", "job_queue", "open_queue"]


@pytest.fixture
def stopped(job_queue):
    """Give a running job whose worker has been sent SIGSTOP; it is woken at the end."""
    job = job_queue.submit(fake_worker.sample_pipeline(fake_worker.WAIT), "anna")
    pid = worker_pid(job)
    wait_for((job.folder / HEARTBEAT_FILE).exists)
    os.kill(pid, signal.SIGSTOP)
    yield job
    os.kill(pid, signal.SIGCONT)


def test_a_stopped_worker_is_told_and_the_next_run_starts(job_queue, stopped):
    other = finished(job_queue.submit(fake_worker.sample_pipeline(), "ben"))
    assert other.state == "done"
    assert stopped.silent_seconds(time.time()) > limits.MAX_SILENT_SECONDS
    assert stopped.state == "running"


def test_silence_is_told_within_ten_seconds():
    assert limits.MAX_SILENT_SECONDS + limits.HEARTBEAT_SECONDS + limits.JOB_TICK_SECONDS < 10
