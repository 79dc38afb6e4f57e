import sys
import time

import pytest

from effexplorer.jobs import JobBoard
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
def open_board(home):
    """Give a function that opens a board of the stand-in worker; all are closed at the end."""
    boards = []

    def opened(**options):
        boards.append(JobBoard(home / "jobs", command=FAKE_WORKER, **options))
        return boards[-1]

    yield opened
    for board in boards:
        board.close()
    (home / RELEASE).touch()
    for job in boards[0].jobs() if boards else ():
        if lives(job.folder) and job.events():
            kill_group(job.events()[0]["pid"])
    for board in boards:
        wait_for(board.close)


@pytest.fixture
def board(open_board):
    return open_board()
