"""What is measured, against other people's counters and the definitions."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score

from effexplorer import measure as measuring
from effexplorer.measure import exit_table, measure, predict, predictions
from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import to_numeric
from effexplorer.records.schema import Stage
from tests.tiny_models import logits_of, tiny_classifier, toy_examples, toy_task

STEP = {"step": "dense", "operator": "fine-tune", "letter": "", "seconds": 1.0, "reused": False}
TIMING = {"latency_ms": 8.0, "latency_p95_ms": 9.5, "threads": 1}


def measured_of(model, task=None):
    task = task or toy_task()
    return measure(model, task, exit_table(model, task.validation))


@pytest.fixture(scope="module")
def measured():
    return measured_of(tiny_classifier())


def test_a_measurement_fills_a_stage(measured):
    assert Stage(**STEP, **TIMING, **measured).parameters == measured["parameters"]


def test_parameters_are_those_of_torch(measured):
    expected = sum(parameter.numel() for parameter in tiny_classifier().parameters())
    assert measured["parameters"] == expected and measured["layers"] == 3


@pytest.mark.parametrize(("numeric", "bits"), [("fp32", 32), ("int8", 8), ("int4", 4), ("int2", 2)])
def test_ideal_bytes_are_the_non_zero_weights_times_their_bits(numeric, bits):
    model = tiny_classifier()
    model = model if numeric == "fp32" else to_numeric(model, numeric)
    quantized = [*encoder_matrices(model).values(), model.embeddings.word]
    dense = [one.dense() if hasattr(one, "dense") else one.weight for one in quantized]
    small = sum(int((one != 0).sum()) for one in dense)
    found = measured_of(model)
    assert found["ideal_bytes"] == (32 * (found["nonzero"] - small) + bits * small) // 8


def test_bytes_are_those_of_the_file(measured, tmp_path):
    tiny_classifier().save_pretrained(tmp_path)
    assert measured["bytes"] == (tmp_path / "model.safetensors").stat().st_size


def test_accuracy_and_metrics_are_those_of_sklearn(measured):
    task = toy_task()
    guesses = logits_of(tiny_classifier(), task.validation).argmax(1)
    expected = 100 * accuracy_score(task.validation.labels, guesses)
    assert measured["score"] == pytest.approx(expected)
    assert measured["metrics"] == {"accuracy": measured["score"]}
    assert measured["score_low"] <= measured["score"] <= measured["score_high"]


def test_a_regression_is_measured_by_correlation():
    found = measured_of(tiny_classifier(num_labels=1), toy_task(kind="number"))
    assert list(found["metrics"]) == ["spearmanr", "pearson"]
    assert found["score"] == found["metrics"]["spearmanr"]


def test_predictions_are_in_the_order_of_the_examples(monkeypatch):
    monkeypatch.setattr(measuring, "BATCH", 7)
    model, examples = tiny_classifier(), toy_examples(40, pairs=True)
    expected = [logits_of_one(model, examples, row) for row in range(40)]
    np.testing.assert_allclose(predict(model, examples)[:, -1], np.stack(expected), atol=1e-5)


def logits_of_one(model, examples, row):
    batch = examples.batch(np.array([row]))
    with torch.inference_mode():
        return model(batch.ids, batch.mask, batch.token_types).logits[0].numpy()


@pytest.mark.parametrize(
    ("logits", "expected"), [([[0.1, 3], [2, 1]], [1, 0]), ([[0.5], [4.5]], [0.5, 4.5])]
)
def test_a_prediction_is_the_class_or_the_number_itself(logits, expected):
    assert predictions(np.array(logits)).tolist() == expected
