import json

import pytest

from effexplorer.jobs import Job, JobQueue
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.request import Request
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.ui.build.job_panel import job_state
from tests.builders import a_stage

PIPELINE = Pipeline("minilm", "reviews", parse_steps("prune"))
PLAN = {
    "kind": "plan",
    "stages": [{"step": "dense", "sentences": 100}, {"step": "prune", "sentences": 100}],
}
MEASURED = {"kind": "measured", "index": 0, "stage": a_stage().__dict__}


@pytest.fixture
def job(tmp_path):
    folder = tmp_path / PIPELINE.key
    folder.mkdir()
    return Job(folder, Request(PIPELINE, "secret-token", 0.0))


def after(job, *events):
    for event in events:
        append_event(job.folder / EVENTS_FILE, event)
    return job_state(job, None)


def test_a_queued_job_tells_its_place(job):
    state = job_state(job, 3)
    assert (state["state"], state["place"], state["letters"]) == ("queued", 3, "P")


def test_a_stage_shows_its_numbers_once_it_is_measured(job):
    dense, prune = after(job, PLAN, {"kind": "stage", "index": 0}, MEASURED)["stages"]
    assert dense["cells"] == ["90.0 %", "90.9 MB", "8.0 ms"]
    assert (prune["step"], prune["cells"]) == ("prune", [])


def test_what_is_trained_at_present_stands_on_a_line_of_its_own(job):
    progress = {"kind": "progress", "index": 1, "done": 10, "total": 100, "loss": 0.1}
    state = after(job, PLAN, {"kind": "stage", "index": 1}, progress | {"detail": "candidate 2"})
    assert (state["now"], state["detail"]) == ("Stage 2 of 2: prune", "candidate 2")
    assert after(job, progress)["detail"] == ""


def test_a_failed_job_shows_its_sentence(job):
    state = after(job, PLAN, {"kind": "failed", "text": "run: it ended."})
    assert (state["state"], state["failure"]) == ("failed", "run: it ended.")


def test_a_job_that_is_asked_to_stop_is_cancelling(job):
    after(job, PLAN)
    (job.folder / "cancel").touch()
    assert job_state(job, None)["state"] == "cancelling"


def test_the_owner_s_token_is_never_sent(job):
    assert "secret-token" not in json.dumps(after(job, PLAN, MEASURED))


def test_a_recorded_run_without_a_job_is_done(tmp_path):
    job = Job(tmp_path / PIPELINE.key, None)
    assert job_state(job, JobQueue(tmp_path).place(job.id))["state"] == "done"
