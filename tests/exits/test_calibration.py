import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from effexplorer.exits.calibration import HOTTEST, expected_calibration_error, temperature
from tests.exits.builders import made_logits


def labelled(examples: int = 2_000, outputs: int = 3, *, heat: float = 1.0, seed: int = 0):
    """Return logits and labels that are drawn as the logits over ``heat`` say."""
    random = np.random.default_rng(seed)
    logits = 2 * random.normal(size=(examples, outputs))
    likely = softmax(logits / heat, axis=1)
    labels = (likely.cumsum(1) < random.random((examples, 1))).sum(1)
    return logits, np.minimum(labels, outputs - 1)


@pytest.mark.parametrize("heat", [0.5, 1.0, 3.0])
def test_the_temperature_is_that_of_the_least_log_loss(heat):
    logits, labels = labelled(heat=heat)
    tried = np.exp(np.linspace(np.log(1 / HOTTEST), np.log(HOTTEST), 600))
    losses = [log_loss(labels, softmax(logits / one, axis=1)) for one in tried]
    assert temperature(logits, labels) == pytest.approx(tried[np.argmin(losses)], rel=0.02)


def test_logits_that_are_too_sure_are_cooled():
    logits, labels = labelled()
    assert temperature(5 * logits, labels) == pytest.approx(5 * temperature(logits, labels), 0.01)


def test_huge_logits_do_not_overflow():
    logits, labels = labelled()
    assert 1 <= temperature(1e4 * logits, labels) <= HOTTEST + 1e-6


@pytest.mark.parametrize("outputs", [1, 2])
def test_without_classes_or_examples_the_temperature_is_one(outputs):
    logits = made_logits(outputs=outputs)[:, 0]
    labels = np.zeros(len(logits) if outputs == 1 else 0, dtype=int)
    assert temperature(logits[: len(labels)], labels) == 1.0


def gap_by_definition(probabilities, labels, bins):
    """Return the error, bin after bin, as Guo et al. write it."""
    total = 0.0
    for low in np.arange(bins) / bins:
        high = low + 1 / bins
        inside = [
            (row.max(), row.argmax() == label)
            for row, label in zip(probabilities, labels, strict=True)
            if low <= row.max() < high or (high >= 1 and row.max() == 1)
        ]
        if inside:
            sure, right = zip(*inside, strict=True)
            total += len(inside) / len(labels) * abs(np.mean(right) - np.mean(sure))
    return total


@pytest.mark.parametrize("bins", [4, 16])
def test_the_calibration_error_is_that_of_its_definition(bins):
    logits, labels = labelled(300)
    probabilities = softmax(3 * logits, axis=1)
    probabilities[0] = [1.0, 0.0, 0.0]
    found = expected_calibration_error(probabilities, labels, bins=bins)
    assert found == pytest.approx(gap_by_definition(probabilities, labels, bins))


def test_calibration_makes_the_error_smaller():
    logits, labels = labelled(heat=3.0)
    before = expected_calibration_error(softmax(logits, axis=1), labels)
    heat = temperature(logits, labels)
    assert expected_calibration_error(softmax(logits / heat, axis=1), labels) < before / 3


def test_being_sure_and_always_right_is_no_error():
    assert expected_calibration_error(np.array([[1.0, 0.0]] * 3), np.zeros(3)) == 0.0
