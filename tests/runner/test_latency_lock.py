"""Latency is measured alone: others who work for the same user stand still meanwhile."""

import signal
import subprocess
import sys
import time

import pytest

from effexplorer import limits
from effexplorer.errors import Cancelled
from effexplorer.runner.latency_lock import LatencyLock

WORKER = """
import pathlib, sys, time
from effexplorer.runner.latency_lock import LatencyLock
room = LatencyLock(pathlib.Path(sys.argv[1]))
with room.working():
    while True:
        room.pause()
        print(time.monotonic(), flush=True)
        time.sleep(0.01)
"""


@pytest.fixture
def other(tmp_path):
    """Return a process that works in the same room and tells the time of each of its steps."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def steps(process, begin):
    """Return the times of the process's steps until well after ``begin``, then end it."""
    time.sleep(0.3)
    process.kill()
    return [float(line) for line in process.stdout.read().split() if float(line) > begin]


def test_another_worker_makes_no_step_while_one_measures(tmp_path, other):
    room = LatencyLock(tmp_path)
    with room.working(), room.alone():
        begin = time.monotonic()
        time.sleep(0.5)
        end = time.monotonic()
    found = steps(other, begin)
    # The step that was under way may tell its time; the next begins when the room is free again.
    assert len([one for one in found if one < end]) <= 1
    assert [one for one in found if one > end]


def test_a_process_that_dies_while_it_measures_leaves_the_room_free(tmp_path, other):
    code = WORKER.replace("room.pause()", "room.alone().__enter__(); print(1, flush=True)")
    dying = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    dying.stdout.readline()
    dying.kill()
    dying.communicate()
    begin = time.monotonic()
    assert steps(other, begin)


def test_several_that_measure_in_turn_do_not_wait_for_each_other_for_ever(tmp_path):
    code = """
import pathlib, sys
from effexplorer.runner.latency_lock import LatencyLock
room = LatencyLock(pathlib.Path(sys.argv[1]))
with room.working():
    for _ in range(50):
        room.pause()
        with room.alone():
            pass
"""
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])  # noqa: S603
        for _ in range(3)
    ]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0, 0]


def test_who_does_not_work_here_measures_at_once(tmp_path):
    with LatencyLock(tmp_path).alone():
        assert not list(tmp_path.iterdir())


@pytest.fixture(params=["working", "measuring"])
def stopped(request, tmp_path):
    """Stop a process that holds ``work``, or ``work`` and ``gate``, until the test is over."""
    hold = {
        "working": "print(1, flush=True); time.sleep(600)",
        "measuring": "room.alone().__enter__(); print(1, flush=True); time.sleep(600)",
    }
    code = WORKER.replace("room.pause()", hold[request.param])
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    yield process
    process.kill()
    process.communicate()


def test_a_stopped_process_does_not_keep_others_from_measuring(tmp_path, stopped, monkeypatch):
    monkeypatch.setattr(limits, "LATENCY_WAIT_SECONDS", 0.1)
    notes, room = [], LatencyLock(tmp_path)
    with room.working(notes.append):
        room.pause()
        with room.alone():
            assert "the machine may not have been quiet" in notes[0]["text"]


def test_a_machine_that_was_quiet_gets_no_note(tmp_path, other):
    notes, room = [], LatencyLock(tmp_path)
    with room.working(notes.append), room.alone():
        assert not notes


def test_a_run_that_waits_for_a_stopped_process_can_be_cancelled(tmp_path, stopped):
    room = LatencyLock(tmp_path, cancelled=lambda: True)
    with pytest.raises(Cancelled), room.working(), room.alone():
        pytest.fail("it must not measure")
