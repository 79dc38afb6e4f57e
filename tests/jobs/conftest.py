import sys
import time

import pytest

from effexplorer.jobs import JobQueue
from effexplorer.jobs.process import kill_group, lives

from .fake_worker import RELEASE

FAKE_WORKER = (sys.executable, "-m", "tests.jobs.fake_worker")


def wait_for(condition, seconds=60.0):
    """Return the condition's first true answer; fail when it has none for a long time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    pytest.fail("what was waited for did not happen")


def finished(job):
    """Return the job once it is finished."""
    wait_for(lambda: job.finished)
    return job


def worker_pid(job):
    """Return the id of the job's worker once it has told it."""
    return wait_for(lambda: job.events() and job.events()[0].get("pid"))


@pytest.fixture
def home(own_home):
    """Give the test's own data folder, made."""
    own_home.mkdir()
    return own_home


@pytest.fixture
def open_queue(home):
    """Give a function that opens a queue of the stand-in worker; all are closed at the end."""
    boards = []

    def opened(**options):
        boards.append(JobQueue(home / "jobs", command=FAKE_WORKER, **options))
        return boards[-1]

    yield opened
    for job_queue in boards:
        job_queue.close()
    (home / RELEASE).touch()
    for job in boards[0].jobs() if boards else ():
        if lives(job.folder) and job.events():
            kill_group(job.events()[0]["pid"])
    for job_queue in boards:
        wait_for(job_queue.close)


@pytest.fixture
def job_queue(open_queue):
    return open_queue()
