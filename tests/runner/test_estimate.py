import dataclasses

import pytest

from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import HERE, SHIPPED, Run
from effexplorer.runner.estimate import TRAIN_EXAMPLES, estimate, stage_sentences
from effexplorer.tasks.data import load_task
from effexplorer.tasks.spec import TASKS
from tests.builders import a_record


def pipeline(steps="", **options):
    options = {"train_examples": 20_000} | options
    return Pipeline("minilm", "sst2", parse_steps(steps), **options)


def a_run(steps="", *, seconds=(40.0,), source=SHIPPED, threads=1, created="2026-01-01", **options):
    """Return a run of 20,000 sentences whose stages took these seconds."""
    record = a_record(steps, **options)
    stages = [
        dataclasses.replace(stage, seconds=taken)
        for stage, taken in zip(record.stages, seconds, strict=True)
    ]
    record = dataclasses.replace(
        record, stages=tuple(stages), created=created, machine={"threads": threads}
    )
    return Run(record, source)


def test_sentences_are_counted_along_the_outlines():
    plan = pipeline("distill(epochs=1) > drop(layers=2, rule=top) > quantize", epochs=2)
    assert stage_sentences(plan, 100, 2.0) == [200, 100, 200, 0]


def test_a_search_counts_every_candidate():
    plan = pipeline("drop(layers=3, search=full)")
    assert stage_sentences(plan, 320, 1.0) == [320, (6 + 5 + 4) * 320]


def test_the_model_that_a_step_finds_decides_what_it_trains():
    plan = pipeline("distill(layers=4) > drop(layers=1, search=full)")
    assert stage_sentences(plan, 320, 1.0)[-1] == 4 * 320


def test_a_dense_run_takes_what_it_took():
    told = estimate(pipeline(), [a_run(seconds=[40.0])])
    assert (told.sentences, told.seconds) == (40_000, pytest.approx(40))


def test_seconds_follow_examples_epochs_and_layers():
    runs = [a_run(seconds=[40.0])]
    assert estimate(pipeline(train_examples=10_000), runs).seconds == pytest.approx(20)
    assert estimate(pipeline(epochs=4), runs).seconds == pytest.approx(80)
    half = estimate(pipeline("drop(layers=3, rule=top)"), runs)
    assert half.seconds == pytest.approx(40 + 20)


def test_a_search_trains_depths_between_the_two():
    six = estimate(pipeline("drop(layers=3, search=full)"), [a_run(seconds=[60.0])]).seconds - 60
    truth = 6 * 50 + 5 * 40 + 4 * 30  # seconds: ten a layer, six candidates of five layers, ...
    assert six == pytest.approx(truth, rel=0.06)


def test_an_operator_that_was_measured_counts_as_it_did_beside_its_own_dense_model():
    slow = a_run("distill", seconds=[100.0, 80.0], source=SHIPPED)
    fast = a_run(seconds=[10.0], source=HERE)
    assert estimate(pipeline("distill"), [slow, fast]).seconds == pytest.approx(10 + 8)


def test_runs_of_this_machine_go_first_then_the_newest():
    here = a_run(seconds=[7.0], source=HERE, threads=2)
    old = a_run(seconds=[50.0], created="2026-01-01")
    new = a_run(seconds=[60.0], created="2026-01-02", seed=1)
    assert estimate(pipeline(), [new, old]).seconds == pytest.approx(60)
    told = estimate(pipeline(), [here, new, old])
    assert told.seconds == pytest.approx(7)
    assert told.basis == "judged by a run here on 2 threads"


@pytest.mark.parametrize("other", [{"task": "rte"}, {"model": "bert-tiny"}])
def test_a_run_of_another_model_or_task_tells_nothing(other):
    told = estimate(pipeline(), [a_run(**other)])
    assert (told.sentences, told.seconds) == (40_000, None)
    assert str(told).startswith("40,000 training rows (no run of minilm on sst2")


def test_a_record_of_an_operator_that_is_not_here_tells_nothing():
    run = a_run()
    plan = run.record.pipeline | {"steps": [{"operator": "melt"}]}
    odd = Run(dataclasses.replace(run.record, pipeline=plan), HERE)
    assert estimate(pipeline(), [odd]).seconds is None


def test_another_student_is_not_timed():
    assert estimate(pipeline("distill(student=bert-tiny)"), [a_run()]).seconds is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(20, "Less than a minute"), (61, "About 1 minute,"), (1440, "About 24 minutes,"),
     (7200, "About 2.0 hours,")],
)  # fmt: skip
def test_time_is_told_with_the_digits_that_mean_something(seconds, text):
    assert str(estimate(pipeline(), [a_run(seconds=[seconds])])).startswith(text)


def test_every_task_s_training_rows_are_known():
    assert set(TRAIN_EXAMPLES) == set(TASKS)


def test_the_reviews_have_as_many_rows_as_are_trained_on():
    assert TRAIN_EXAMPLES["reviews"] == len(load_task("reviews").train)


def test_no_more_runs_are_looked_at_once_every_operator_that_trains_is_timed(monkeypatch):
    looked = []
    rates = {"dense": 1.0, "distill": 2.0}
    monkeypatch.setattr(
        "effexplorer.runner.estimate.rates", lambda run: looked.append(run) or rates
    )
    runs = [a_run("distill", seconds=(40.0, 20.0), seed=seed) for seed in range(3)]
    assert estimate(pipeline("distill > trim > quantize"), runs)
    assert len(looked) == 1


def test_a_gpu_elsewhere_tells_nothing_of_the_minutes_here():
    fast = a_run(seconds=[1.0])
    fast = Run(dataclasses.replace(fast.record, machine={"threads": 1, "gpu": "A GPU"}), SHIPPED)
    assert estimate(pipeline(), [fast]).seconds is None
    slow = a_run(seconds=[40.0])
    assert estimate(pipeline(), [slow, fast]) == estimate(pipeline(), [slow])
    assert estimate(pipeline(), [Run(fast.record, HERE)]).seconds is not None
