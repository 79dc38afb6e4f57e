import pytest

from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import SHIPPED, Run
from effexplorer.ui.shared.prediction import missed, prediction
from tests.builders import a_record, some_exits


def runs(*steps, seeds=(0,), **last):
    return [Run(a_record(step, seed=seed, **last), SHIPPED) for step in steps for seed in seeds]


def plan(steps, **changes):
    return Pipeline(
        "minilm", "sst2", parse_steps(steps), **{"seed": 0, "train_examples": 20_000} | changes
    )


SINGLE = ("", "distill", "quantize")


def test_a_pipeline_is_foretold_from_the_dense_model_and_each_operator_alone():
    told = prediction(plan("distill > quantize"), runs(*SINGLE))
    # 90.0 - 1.4 - 0.3, and 88.6 * 89.7 / 90.0, are both 88.3; 90.9 MB * 0.53 * 0.26 is 12.5.
    assert told["text"] == "88.3 %, 12.5 MB, 105 M MACs"
    assert told["basis"] == "from the dense model and each operator alone, seed 0"


def test_both_estimates_are_told_where_they_differ():
    low = [*runs("", "distill"), *runs("quantize", score=45.0)]
    text = prediction(plan("distill > quantize"), low)["text"]
    # 90.0 - 1.4 - 45.0, and 88.6 * 45.0 / 90.0.
    assert text.startswith("43.6 % (effects added) or 44.3 % (multiplied), ")


def test_a_seed_without_runs_rests_on_the_means_of_others():
    told = prediction(plan("distill > quantize", seed=7), runs(*SINGLE, seeds=(0, 1, 2)))
    assert told["basis"].endswith("means of 3 seeds")


def test_exits_are_foretold_at_full_depth():
    exits = runs("exit", **some_exits())
    told = prediction(plan("exit > quantize"), [*runs("", "quantize"), *exits])
    assert told["basis"].endswith("seed 0, at full depth")


@pytest.mark.parametrize("steps", ["", "prune"])
def test_a_single_step_has_no_prediction(steps):
    assert prediction(plan(steps), runs(*SINGLE)) is None
    assert missed(a_record(steps), runs(*SINGLE)) is None


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, "prune alone was not run"),
        ({"train_examples": 500}, "the dense model, prune alone and quantize alone were not run"),
        ({"epochs": 1}, "the dense model, prune alone and quantize alone were not run"),
    ],
)
def test_what_is_missing_for_a_prediction_is_named(change, missing):
    told = prediction(plan("prune > quantize", **change), runs(*SINGLE))
    assert told == {"text": "", "basis": f"No prediction: {missing}."}


def test_a_run_is_told_measured_minus_predicted():
    record = a_record("distill > quantize", score=85.0, bytes=25_000_000)
    told = missed(record, [*runs(*SINGLE), Run(record, SHIPPED)])
    assert told["rows"] == [
        ["Score, effects added", "-3.3 points", "predicted 88.3 %"],
        ["Score, multiplied", "-3.3 points", "predicted 88.3 %"],
        ["Size", "2.0 x larger", "predicted 12.5 MB"],
    ]


def test_a_run_without_single_runs_says_which():
    record = a_record("prune > quantize")
    told = missed(record, [*runs(*SINGLE), Run(record, SHIPPED)])
    assert told == {"rows": [], "basis": "No prediction: prune alone was not run."}
