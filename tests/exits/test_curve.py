"""Curves, shares and reliability, each against the definition written out row by row."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from effexplorer.exits.calibration import expected_calibration_error
from effexplorer.exits.curve import (
    candidates,
    changed_by_leaving,
    curve,
    depth_by_tag,
    leaving_shares,
    reliability,
)
from effexplorer.exits.operating import cheapest_threshold
from effexplorer.exits.policies import READINESS, leave
from tests.exit_runs import made_table


@pytest.fixture(scope="module")
def table():
    return made_table(examples=150, exits=4)


@pytest.fixture(scope="module")
def answers(table):
    return table.logits.argmax(-1)


@pytest.fixture(scope="module")
def drawn(table, answers):
    return curve(
        READINESS["confidence"](table.probabilities()),
        answers,
        table.macs,
        table.layers,
        lambda given: float((given == table.labels).mean()),
    )


def test_each_point_is_what_leaving_row_by_row_gives(table, answers, drawn):
    sure = table.probabilities().max(-1)
    for at in (0, 40, 120, len(drawn.thresholds) - 1):
        left = [
            next((exit for exit in range(3) if row[exit] >= drawn.thresholds[at]), 3)
            for row in sure
        ]
        right = [answers[row, exit] == table.labels[row] for row, exit in enumerate(left)]
        assert drawn.scores[at] == pytest.approx(np.mean(right))
        assert drawn.macs[at] == pytest.approx(
            np.mean([table.macs[row, exit] for row, exit in enumerate(left)])
        )
        assert drawn.layers[at] == pytest.approx(np.mean([exit + 1 for exit in left]))


def test_the_curve_goes_from_the_first_exit_to_full_depth(table, drawn):
    assert drawn.layers[0] == 1
    assert drawn.layers[-1] == 4
    assert (np.diff(drawn.macs) >= 0).all()


def test_the_cheapest_threshold_is_a_point_of_the_curve(table, answers, drawn):
    ready = READINESS["confidence"](table.probabilities())
    found = cheapest_threshold(
        ready, answers, table.macs, lambda given: float((given == table.labels).mean()), keep=0.95
    )
    good = drawn.scores[:-1] >= 0.95 * drawn.scores[-1]
    assert drawn.macs[list(drawn.thresholds).index(found)] == drawn.macs[:-1][good].min()


def test_one_exit_has_no_thresholds_to_look_at():
    assert len(candidates(np.ones((5, 1)))) == 0


def test_a_first_exit_that_is_never_ready_is_no_candidate():
    assert np.isfinite(candidates(READINESS["agreement"](np.random.rand(6, 3)))).all()


def test_shares_count_exits_that_nobody_takes():
    assert leaving_shares(np.array([0, 0, 2, 0]), 4).tolist() == [0.75, 0, 0.25, 0]


def test_depth_is_told_for_each_tag_the_shallowest_first():
    left, tags = np.array([2, 0, 1, 0]), np.array(["hard", "easy", "hard", "easy"])
    assert list(depth_by_tag(left, np.array([2, 4, 6]), tags).items()) == [
        ("easy", 2.0),
        ("hard", 5.0),
    ]


def test_reliability_is_that_of_sklearn():
    random = np.random.default_rng(0)
    sure = random.uniform(0.3, 1, 400)
    right = random.random(400) < sure
    accuracy, confidence = calibration_curve(right, sure, n_bins=10)
    found = reliability(sure, right)
    full = found[found[:, 0] > 0]
    assert np.allclose(full[:, 1], confidence) and np.allclose(full[:, 2], accuracy)
    assert found[:, 0].sum() == 400


def test_the_bins_give_the_expected_calibration_error(table):
    likely = table.probabilities()[:, 1]
    found = reliability(likely.max(1), likely.argmax(1) == table.labels)
    full = found[found[:, 0] > 0]
    gap = (abs(full[:, 1] - full[:, 2]) * full[:, 0]).sum() / found[:, 0].sum()
    assert gap == pytest.approx(expected_calibration_error(likely, table.labels))


def test_right_early_and_wrong_late_is_counted_apart_from_its_opposite():
    answers = np.array([[1, 0], [1, 0], [0, 1], [1, 1]])
    labels, left = np.array([1, 0, 1, 1]), np.array([0, 0, 0, 0])
    assert changed_by_leaving(answers, left, labels) == (1, 2)


def test_nothing_changes_at_full_depth(table, answers):
    left = leave(np.zeros((150, 4)), np.inf)
    assert changed_by_leaving(answers, left, table.labels) == (0, 0)
