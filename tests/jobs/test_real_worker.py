"""The worker as the app starts it, training a tiny random model."""

import os
import signal

import pytest

from effexplorer.inference.model import load_exits
from effexplorer.jobs import JobQueue
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import read_record
from effexplorer.records.store import open_store
from effexplorer.runner.estimate import estimate
from tests.own_data import lines, own_task

from .conftest import finished, wait_for, worker_pid

SHORT = Pipeline("tiny", "reviews", parse_steps("prune > quantize"), 0, 16, 1)
LONG = Pipeline("tiny", "reviews", (), 0, 900, 20)


@pytest.fixture
def job_queue(home, local_tiny_model):
    found = JobQueue()
    yield found
    wait_for(found.close)


def training(job):
    """Return the job once it trains."""
    wait_for(lambda: job.progress().losses)
    return job


def test_a_run_ends_with_its_record_and_tells_every_stage(job_queue, home):
    job = finished(job_queue.submit(SHORT, "me"))
    progress = job.progress()
    assert job.state == "done", progress.failure
    record = read_record(home / "runs" / f"{job.id}.json")
    assert [stage["step"] for stage in progress.measured] == ["dense", "prune", "quantize"]
    assert [stage["bytes"] for stage in progress.measured] == [
        stage.bytes for stage in record.stages
    ]
    assert (progress.fraction, progress.index) == (1.0, 2)


@pytest.mark.parametrize(
    ("classes", "metric", "score"),
    [(("bad", "good", "fair"), "macro_f1", "macro_f1"), (("0.5", "1", "2"), "", "spearmanr")],
)
def test_a_task_of_ones_own_is_run_like_any_other(
    job_queue, home, tmp_path, classes, metric, score
):
    own_task(tmp_path, text="text,label\n" + lines(classes=classes), metric=metric)
    pipeline = Pipeline("tiny", "phones", parse_steps("exit(epochs=0.5) > quantize"), 0, None, 0.5)
    job = finished(job_queue.submit(pipeline, "me"))
    assert job.state == "done", job.progress().failure
    record = read_record(home / "runs" / f"{job.id}.json")
    assert (record.score_name, record.data["source"]) == (score, "file reviews.csv")
    assert record.data["train_examples"] == 44
    assert estimate(pipeline, open_store().runs()).seconds is not None
    answer = load_exits(job.id)("a great phone")
    assert answer.label in classes if metric else isinstance(answer.label, float)


def test_a_run_is_cancelled_while_it_trains(job_queue, home):
    job = training(job_queue.submit(LONG, "me"))
    job_queue.cancel(job.id, "me")
    assert finished(job).state == "cancelled"
    assert not (home / "runs" / f"{job.id}.json").exists()


def test_a_run_killed_while_it_trains_fails_and_can_be_asked_for_again(job_queue):
    job = training(job_queue.submit(LONG, "me"))
    os.kill(worker_pid(job), signal.SIGKILL)
    assert "signal 9" in finished(job).progress().failure
    again = training(job_queue.submit(LONG, "you"))
    job_queue.cancel(again.id, "you")
    assert finished(again).state == "cancelled"


def test_a_model_that_is_not_there_any_more_fails_in_a_sentence(
    home, job_queue, monkeypatch, tmp_path
):
    for name in ("model.safetensors", "config.json"):
        (tmp_path / "models" / "tiny").mkdir(parents=True, exist_ok=True)
        (tmp_path / "models" / "tiny" / name).write_text('{"num_hidden_layers": 4}')
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "models"))
    failure = finished(job_queue.submit(SHORT, "me")).progress().failure
    assert failure.startswith("tiny: ") and "Traceback" not in failure
