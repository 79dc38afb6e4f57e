import numpy as np
import pytest
from sklearn.metrics import accuracy_score, matthews_corrcoef

from effexplorer.exits.operating import cheapest_threshold
from effexplorer.exits.policies import leave
from tests.exits.builders import made_logits

MACS = np.cumsum(np.ones((400, 3)), axis=1)


def setting(*, seed: int = 0, better: float = 0.9):
    """Return readiness and answers of 400 examples, and their labels."""
    random = np.random.default_rng(seed)
    labels = random.integers(2, size=400)
    sure = np.sort(random.random((400, 3)), axis=1)  # right as often as it is sure, or more
    right = random.random((400, 3)) < np.maximum(sure, [0.5, 0.7, better])
    return sure, np.where(right, labels[:, None], 1 - labels[:, None]), labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("keep", [0.9, 0.99])
def test_no_threshold_keeps_the_share_of_the_score_for_less(seed, keep):
    sure, answers, labels = setting(seed=seed)
    found = cheapest_threshold(
        sure, answers, MACS, lambda one: accuracy_score(labels, one), keep=keep, points=4_000
    )
    rows, full = np.arange(400), accuracy_score(labels, answers[:, -1])
    kept = {}
    for threshold in np.unique(sure[:, :-1]):
        exits = leave(sure, threshold)
        if accuracy_score(labels, answers[rows, exits]) >= keep * full:
            kept[float(threshold)] = MACS[rows, exits].mean()
    assert found is not None
    exits = leave(sure, found)
    assert accuracy_score(labels, answers[rows, exits]) >= keep * full
    assert MACS[rows, exits].mean() <= min(kept.values()) * 1.02


def test_a_steady_threshold_does_not_fall_into_a_lucky_dip():
    """Ten groups of examples, each surer than the one before; the first exit errs on three."""
    labels = np.zeros(400, dtype=int)
    sure = np.tile(np.repeat(np.linspace(0.1, 1, 10), 40)[:, None], (1, 3))
    early = np.zeros(400, dtype=int)
    early[160:200] = 1  # the first exit is wrong on the fifth group ...
    full = np.zeros(400, dtype=int)
    full[80:120] = 1  # ... and depth on the third, which it mends by leaving there
    answers = np.stack([early, full, full], axis=1)
    score = lambda given: accuracy_score(labels, given)  # noqa: E731 - one line says it
    anyhow = cheapest_threshold(sure, answers, MACS, score, keep=1)
    steady = cheapest_threshold(sure, answers, MACS, score, keep=1, steady=True)
    assert anyhow == pytest.approx(0.1) and steady == pytest.approx(0.6)


@pytest.mark.parametrize("seed", range(4))
def test_every_surer_threshold_keeps_what_a_steady_one_keeps(seed):
    sure, answers, labels = setting(seed=seed)
    score = lambda given: accuracy_score(labels, given)  # noqa: E731 - one line says it
    steady = cheapest_threshold(sure, answers, MACS, score, steady=True)
    assert steady is not None
    wanted, rows = 0.99 * score(answers[:, -1]), np.arange(400)
    for threshold in np.quantile(sure[:, :-1], np.linspace(0, 1, 200)):
        if threshold >= steady:
            assert score(answers[rows, leave(sure, threshold)]) >= wanted - 0.003


def test_full_depth_it_is_when_every_exit_costs_too_much_of_the_score():
    labels = np.array([0, 1] * 20)
    answers = np.stack([1 - labels, 1 - labels, labels], axis=1)
    sure = np.abs(made_logits(40, 3, 1)[..., 0])
    score = lambda one: accuracy_score(labels, one)  # noqa: E731 - one line says it
    assert cheapest_threshold(sure, answers, MACS[:40], score) is None


def test_without_a_finite_readiness_it_is_full_depth():
    sure = np.full((40, 3), -np.inf)
    assert cheapest_threshold(sure, np.zeros((40, 3)), MACS[:40], lambda one: 1.0) is None


def test_of_thresholds_that_cost_the_same_the_surest_is_taken():
    sure = np.tile([0.2, 0.6, 0.9], (40, 1))
    found = cheapest_threshold(sure, np.zeros((40, 3)), MACS[:40], lambda one: 1.0, points=3)
    assert leave(sure, found).tolist() == [0] * 40
    assert found == pytest.approx(0.2)


def test_a_score_below_zero_can_be_kept_too():
    labels = np.array([0, 0, 1, 1] * 10)
    answers = np.stack([labels, 1 - labels, 1 - labels], axis=1)
    sure = np.tile([0.5, 0.6, 0.9], (40, 1))
    found = cheapest_threshold(
        sure, answers, MACS[:40], lambda one: matthews_corrcoef(labels, one), points=5
    )
    assert leave(sure, found).max() == 0
