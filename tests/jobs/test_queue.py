import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.jobs import JobQueue
from effexplorer.jobs.process import lives
from effexplorer.pipeline import Pipeline, parse_steps

from . import fake_worker
from .conftest import finished, wait_for, worker_pid
from .fake_worker import sample_pipeline

WAIT = fake_worker.WAIT


def kinds(job):
    return [event["kind"] for event in job.events()]


def release(home):
    (home / fake_worker.RELEASE).touch()


def test_a_run_is_told_of_from_its_start_to_its_end(job_queue):
    job = finished(job_queue.submit(sample_pipeline(), "me"))
    assert kinds(job) == ["started", "plan", "stage", "progress", "done"]
    assert all(event["time"] > 0 for event in job.events())


def test_a_job_has_the_id_of_its_pipeline_and_of_its_record(job_queue):
    job = finished(job_queue.submit(sample_pipeline(), "me"))
    assert job.id == sample_pipeline().key == job.events()[-1]["id"]


def test_a_done_job_is_summarised(job_queue):
    progress = finished(job_queue.submit(sample_pipeline(), "me")).progress()
    assert (progress.fraction, progress.outcome) == (1.0, "done")
    assert progress.losses == ((0, 16, 0.5),)


def test_a_run_steps_back_behind_the_app(job_queue):
    pid = worker_pid(job_queue.submit(sample_pipeline(WAIT), "me"))
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = min(ours + limits.WORKER_NICENESS, 19)
    wait_for(lambda: os.getpriority(os.PRIO_PROCESS, pid) == wanted)
    session = Path(f"/proc/{pid}/autogroup")
    if session.is_file() and "nice" in session.read_text():
        wait_for(lambda: session.read_text().split()[-1] == str(limits.WORKER_NICENESS))


def test_the_same_pipeline_joins_the_job_that_runs(job_queue):
    first = job_queue.submit(sample_pipeline(WAIT), "me")
    worker_pid(first)
    assert job_queue.submit(sample_pipeline(WAIT), "you") is first
    assert kinds(first).count("started") == 1


def test_a_finished_pipeline_does_not_run_again(job_queue):
    finished(job_queue.submit(sample_pipeline(), "me"))
    again = job_queue.submit(sample_pipeline(), "you")
    assert again.state == "done"
    assert kinds(again).count("started") == 1


def test_a_finished_pipeline_whose_record_is_gone_runs_again(job_queue, home):
    job = finished(job_queue.submit(sample_pipeline(), "me"))
    record = home / "runs" / f"{job.id}.json"
    record.unlink()
    finished(job_queue.submit(sample_pipeline(), "me"))
    assert record.exists()


def test_a_pipeline_measured_elsewhere_is_done_without_a_job(job_queue, home):
    (home / "runs").mkdir()
    (home / "runs" / f"{sample_pipeline().key}.json").write_text("{}")
    job = job_queue.submit(sample_pipeline(), "me")
    assert (job.state, job.events()) == ("done", [])
    assert job_queue.find(job.id).state == "done"
    assert job_queue.jobs() == []


def test_a_failed_pipeline_whose_record_came_another_way_is_done(job_queue, home):
    job = finished(job_queue.submit(sample_pipeline(fake_worker.REFUSE), "me"))
    (home / "runs").mkdir()
    (home / "runs" / f"{job.id}.json").write_text("{}")
    assert job_queue.submit(job.pipeline, "me").state == "done"


def test_what_the_user_can_mend_is_shown_whole(job_queue):
    job = finished(job_queue.submit(sample_pipeline(fake_worker.REFUSE), "me"))
    assert job.state == "failed"
    assert job.progress().failure == "reviews: must be nicer; got this."


def test_a_bug_is_told_by_its_id_and_the_traceback_stands_in_the_log_alone(job_queue):
    job = finished(job_queue.submit(sample_pipeline(fake_worker.BREAK), "me"))
    failure, log = job.progress().failure, (job.folder / "log.txt").read_text()
    assert "secret" not in failure and "Traceback" not in failure
    assert re.search("error ([0-9a-f]{8})", failure)[1] in log
    assert "a secret of the program" in log


def test_a_refusal_of_memory_is_told(job_queue):
    job = finished(job_queue.submit(sample_pipeline(fake_worker.EXHAUST), "me"))
    assert "memory" in job.progress().failure


def test_a_worker_killed_by_the_system_fails_its_run_alone(job_queue):
    killed = job_queue.submit(sample_pipeline(fake_worker.DIE), "me")
    other = job_queue.submit(sample_pipeline(), "me")
    assert "signal 9" in finished(killed).progress().failure
    assert finished(other).state == "done"


def test_a_worker_that_cannot_even_begin_fails_its_run(home):
    job_queue = JobQueue(home / "jobs", command=(sys.executable, "-c", "raise SystemExit(3)"))
    job = finished(job_queue.submit(sample_pipeline(), "me"))
    job_queue.close()
    assert "ended with code 3" in job.progress().failure


def test_a_command_that_is_not_there_fails_the_run(home):
    job_queue = JobQueue(home / "jobs", command=("/no/such/program",))
    job = finished(job_queue.submit(sample_pipeline(), "me"))
    job_queue.close()
    assert "must be able to start a process" in job.progress().failure


def test_a_failed_run_starts_anew(job_queue):
    first = finished(job_queue.submit(sample_pipeline(fake_worker.DIE), "me"))
    again = job_queue.submit(sample_pipeline(fake_worker.DIE), "you")
    assert again is not first
    assert kinds(finished(again)).count("started") == 1


def test_no_more_workers_run_at_once_than_the_limit(job_queue):
    jobs = [job_queue.submit(sample_pipeline(WAIT + i), "me") for i in range(3)]
    worker_pid(jobs[0])
    assert [job.state for job in jobs] == ["running", "queued", "queued"]


def test_waiting_jobs_have_a_place_in_the_order_in_which_they_came(job_queue):
    jobs = [job_queue.submit(sample_pipeline(WAIT + i), "me") for i in range(3)]
    worker_pid(jobs[0])
    wait_for(lambda: [job_queue.place(job.id) for job in jobs] == [None, 1, 2])


def test_waiting_jobs_run_in_the_order_in_which_they_came(job_queue, home):
    jobs = [job_queue.submit(sample_pipeline(WAIT + i), "me") for i in range(3)]
    release(home)
    started = [finished(job).events()[0]["time"] for job in jobs]
    assert started == sorted(started)


def test_a_full_queue_is_told(job_queue, monkeypatch):
    most = limits.MAX_QUEUED_PER_OWNER
    monkeypatch.setattr(limits, "MAX_QUEUED_JOBS", most)
    worker_pid(job_queue.submit(sample_pipeline(WAIT), "me"))
    for more in range(1, most + 1):
        job_queue.submit(sample_pipeline(WAIT + more), "me")
    with pytest.raises(UserError, match=f"queue: must hold at most {most} runs; got one more"):
        job_queue.submit(sample_pipeline(WAIT + most + 1), "somebody else")


def test_an_illegal_pipeline_is_refused_before_it_waits(job_queue):
    steps = parse_steps("quantize > prune")
    with pytest.raises(UserError, match="prune: a step that trains must stand before"):
        job_queue.submit(Pipeline("minilm", "reviews", steps), "me")
    assert job_queue.jobs() == []


@pytest.mark.parametrize("owner", ["", "x" * 101, None, 3])
def test_an_owner_that_is_not_a_token_is_refused(job_queue, owner):
    with pytest.raises(UserError, match="owner: must be 1 to 100 characters"):
        job_queue.submit(sample_pipeline(), owner)


@pytest.mark.parametrize("id", ["", "..", "../../etc", "0" * 12, "x" * 12, "0" * 5_000, "\0"])
def test_an_unknown_id_finds_nothing(job_queue, id):
    assert job_queue.find(id) is None
    assert job_queue.place(id) is None
    with pytest.raises(UserError, match="cancel: must name a run in progress"):
        job_queue.cancel(id, "me")


def test_the_owner_cancels_a_run_between_two_steps(job_queue):
    job = job_queue.submit(sample_pipeline(WAIT), "me")
    worker_pid(job)
    job_queue.cancel(job.id, "me")
    assert finished(job).state == "cancelled"


def test_a_waiting_job_is_cancelled_without_being_started(job_queue):
    worker_pid(job_queue.submit(sample_pipeline(WAIT), "me"))
    waiting = job_queue.submit(sample_pipeline(WAIT + 1), "me")
    job_queue.cancel(waiting.id, "me")
    assert kinds(finished(waiting)) == ["cancelled"]


def test_someone_else_cannot_cancel_a_run(job_queue):
    job = job_queue.submit(sample_pipeline(WAIT), "me")
    job_queue.submit(sample_pipeline(WAIT), "you")
    with pytest.raises(UserError, match="only the browser that started a run may"):
        job_queue.cancel(job.id, "you")
    assert not job.cancelling


def test_a_worker_that_does_not_stop_is_ended_after_the_time_of_grace(job_queue, monkeypatch):
    monkeypatch.setattr(limits, "CANCEL_GRACE_SECONDS", 0.1)
    job = job_queue.submit(sample_pipeline(fake_worker.IGNORE_CANCEL), "me")
    worker_pid(job)
    job_queue.cancel(job.id, "me")
    assert job.cancelling
    assert finished(job).state == "cancelled"


def test_cancelling_a_finished_run_changes_nothing(job_queue):
    job = finished(job_queue.submit(sample_pipeline(), "me"))
    job_queue.cancel(job.id, "me")
    assert job.state == "done"


def test_a_cancelled_run_starts_anew_for_whoever_asks_next(job_queue, home):
    job = job_queue.submit(sample_pipeline(WAIT), "me")
    job_queue.cancel(job.id, "me")
    finished(job)
    release(home)
    again = finished(job_queue.submit(sample_pipeline(WAIT), "you"))
    assert again.state == "done" and again.may_cancel("you") and not again.may_cancel("me")


def test_no_worker_stays_a_zombie(job_queue):
    pid = worker_pid(finished(job_queue.submit(sample_pipeline(), "me")))

    def gone():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True

    wait_for(gone)


def test_a_process_that_was_given_a_dead_workers_number_is_not_mistaken_for_it(open_queue, home):
    first = open_queue()
    job = first.submit(sample_pipeline(WAIT), "me")
    pid = worker_pid(job)
    first.close()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(sleep) as stranger:  # noqa: S603 - a harmless process of our own
        events = job.folder / "events.jsonl"
        events.write_text(events.read_text().replace(str(pid), str(stranger.pid)))
        (job.folder / "cancel").touch()
        os.utime(job.folder / "cancel", (0, 0))
        second = open_queue()
        second.resume()
        assert finished(second.find(job.id)).state == "cancelled"
        assert stranger.poll() is None
        stranger.kill()


def test_a_new_board_goes_on_with_what_an_earlier_one_left(open_queue, home):
    first = open_queue()
    ids = [first.submit(sample_pipeline(WAIT + i), "me").id for i in range(2)]
    pid = worker_pid(first.find(ids[0]))
    first.close()
    second = open_queue()
    second.resume()
    assert worker_pid(second.find(ids[0])) == pid
    release(home)
    assert [finished(second.find(id)).state for id in ids] == ["done", "done"]


def test_two_boards_start_each_job_once(open_queue):
    boards = [open_queue(), open_queue()]
    jobs = [job_queue.submit(sample_pipeline(), "me") for job_queue in boards for _ in range(2)]
    for job_queue in boards:
        job_queue.resume()
    assert {tuple(kinds(finished(job)))[:2] for job in jobs} == {("started", "plan")}


def test_a_second_board_sees_a_new_attempt_as_a_new_job(open_queue):
    mine, yours = open_queue(), open_queue()
    job = finished(mine.submit(sample_pipeline(fake_worker.REFUSE), "me"))
    seen = yours.find(job.id)
    finished(mine.submit(sample_pipeline(fake_worker.REFUSE), "me"))
    assert yours.find(job.id) is not seen


def test_finished_jobs_are_removed_when_they_are_old(open_queue):
    job = finished(open_queue().submit(sample_pipeline(), "me"))
    wait_for(lambda: not lives(job.folder))
    later = time.time() + (limits.JOB_DAYS + 1) * 24 * 3600
    open_queue(clock=lambda: later).resume()
    assert not job.folder.exists()


def test_finished_jobs_are_kept_while_they_are_young(open_queue):
    job = finished(open_queue().submit(sample_pipeline(), "me"))
    open_queue().resume()
    assert job.folder.exists()


def test_what_a_crash_left_half_made_is_removed(job_queue, home):
    half = home / "jobs" / f".new-{sample_pipeline().key}"
    half.mkdir(parents=True)
    job_queue.resume()
    assert not half.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pipeline": {}}', '{"pipeline": 3, "owner": "x"}']
)
def test_an_unreadable_request_is_passed_over_and_replaced(job_queue, home, text):
    folder = home / "jobs" / sample_pipeline().key
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(text)
    job_queue.resume()
    assert job_queue.find(folder.name) is None
    assert finished(job_queue.submit(sample_pipeline(), "me")).state == "done"


def test_a_home_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    job_queue = JobQueue(tmp_path / "file" / "jobs")
    with pytest.raises(UserError, match="EFFEXPLORER_HOME: must be a folder that can be written"):
        job_queue.submit(sample_pipeline(), "me")
