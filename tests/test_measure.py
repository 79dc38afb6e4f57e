"""What is measured, against other people's counters and the definitions."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from effexplorer import measure as measuring
from effexplorer.measure import exit_table, latency, macs, measure, predict, predictions, weights
from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import to_numeric
from effexplorer.record import Stage
from tests.toys import logits_of, thinned, tiny_classifier, toy_examples, toy_task

STEP = {"step": "dense", "operator": "fine-tune", "letter": "", "seconds": 1.0, "reused": False}


def measured_of(model, task=None):
    task = task or toy_task()
    return measure(model, task, exit_table(model, task.validation))


@pytest.fixture(scope="module")
def measured():
    return measured_of(tiny_classifier())


def counts(model) -> tuple[int, int]:
    every = list(weights(model))
    return sum(one.numel() for one, _ in every), sum(int((one != 0).sum()) for one, _ in every)


def test_a_measurement_fills_a_stage(measured):
    assert Stage(**STEP, **measured).parameters == measured["parameters"]


def test_parameters_are_those_of_torch(measured):
    expected = sum(one.numel() for one in tiny_classifier().parameters())
    assert measured["parameters"] == expected and measured["layers"] == 3


@pytest.mark.parametrize("numeric", ["int8", "int4", "int2"])
def test_quantizing_keeps_the_number_of_parameters(numeric):
    model = tiny_classifier()
    assert counts(to_numeric(model, numeric))[0] == counts(model)[0]


def test_non_zero_parameters_leave_out_what_was_pruned():
    model = thinned(tiny_classifier(), 0.75)
    matrices = sum(one.weight.numel() for one in encoder_matrices(model).values())
    every, nonzero = counts(model)
    assert every - nonzero == 0.75 * matrices


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


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("tokens", [16, 32, 48])  # attention is padded to such lengths
def test_macs_are_half_the_flops_that_torch_counts(pooling, tokens):
    model = tiny_classifier(pooling=pooling, heads=[4, 1, 2], ffn=[64, 7, 33], num_labels=3)
    ids = torch.full((1, tokens), 5)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        model(ids)
    assert macs(model.config, 3, tokens) == counter.get_total_flops() // 2


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


def test_latencies_are_positive_and_in_order(measured):
    assert 0 < measured["latency_ms"] <= measured["latency_p95_ms"]
    assert measured["threads"] == measuring.LATENCY_THREADS


def test_latency_is_timed_one_sentence_at_a_time_and_restores_the_threads(monkeypatch):
    model, seen, threads = tiny_classifier(), [], torch.get_num_threads()
    model.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    model.register_forward_pre_hook(lambda _, args: seen.append(len(args[0])))
    latency(model, toy_examples(10))
    assert set(seen[::2]) == {1} and set(seen[1::2]) == {measuring.LATENCY_THREADS}
    assert torch.get_num_threads() == threads
