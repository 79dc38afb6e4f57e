import subprocess
import sys

from effexplorer.jobs import JobQueue
from tests.jobs.conftest import FAKE_WORKER, finished, wait_for, worker_pid
from tests.jobs.fake_worker import RELEASE


def test_runs_survive_the_app_and_are_found_again(tmp_path):
    folder = tmp_path / "jobs"
    command = [sys.executable, "-m", "tests.reliability.app", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:  # noqa: S603
        ids = [app.stdout.readline().strip() for _ in range(2)]
        job_queue = JobQueue(folder, command=FAKE_WORKER)
        pid = worker_pid(job_queue._read(folder / ids[0]))
        app.kill()
    job_queue.resume()
    assert [job_queue.find(id).state for id in ids] == ["running", "queued"]
    (tmp_path / RELEASE).touch()
    jobs = [finished(job_queue.find(id)) for id in ids]
    wait_for(job_queue.close)
    assert [job.state for job in jobs] == ["done", "done"]
    assert jobs[0].events()[0]["pid"] == pid
    assert all(sum(event["kind"] == "started" for event in job.events()) == 1 for job in jobs)


def test_two_apps_on_one_home_start_each_run_once(tmp_path):
    folder = tmp_path / "jobs"
    command = [sys.executable, "-m", "tests.reliability.app", str(folder)]
    (tmp_path / RELEASE).touch()
    apps = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603
    ids = {app.stdout.readline().strip() for app in apps for _ in range(2)}
    job_queue = JobQueue(folder, command=FAKE_WORKER)
    jobs = [finished(job_queue.find(id)) for id in ids]
    for app in apps:
        app.kill()
        app.communicate()
    wait_for(job_queue.close)
    assert len(jobs) == 2
    assert all(sum(event["kind"] == "started" for event in job.events()) == 1 for job in jobs)
