import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy

from effexplorer.errors import UserError
from effexplorer.exits.policies import (
    READINESS,
    certainty,
    closeness,
    confidence,
    leave,
    make_policy,
    policies,
    streak,
)
from tests.exits.builders import made_logits

CERTAIN = np.array([[[1.0, 0.0, 0.0]]])


@pytest.mark.parametrize("outputs", [2, 3])
def test_certainty_is_one_minus_scipys_normalised_entropy(outputs):
    probabilities = softmax(made_logits(outputs=outputs), axis=-1)
    expected = 1 - entropy(probabilities, base=outputs, axis=-1)
    np.testing.assert_allclose(certainty(probabilities), expected, atol=1e-6)


@pytest.mark.parametrize("outputs", [2, 3])
def test_the_surest_and_the_least_sure_answers_have_certainty_one_and_nought(outputs):
    sure = np.eye(outputs)[None, :1]
    assert certainty(sure).tolist() == [[1.0]]
    np.testing.assert_allclose(certainty(np.full((1, 1, outputs), 1 / outputs)), 0, atol=1e-12)


def test_confidence_is_the_largest_probability():
    assert confidence(np.array([[[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]])).tolist() == [[0.5, 0.8]]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_a_streak_counts_the_exits_before_that_said_the_same(answers):
    expected = []
    for exit, answer in enumerate(answers):
        before = answers[:exit][::-1]
        others = [back for back, one in enumerate(before) if one != answer]
        expected.append(min([*others, len(before)]))
    assert streak(np.eye(3)[answers][None])[0].tolist() == expected


def test_closeness_is_minus_the_step_from_the_exit_before():
    found = closeness(np.array([[1.0, 3.5, 3.0]]))
    assert found.tolist() == [[-np.inf, -2.5, -0.5]]


@pytest.mark.parametrize("name", READINESS)
def test_readiness_never_looks_at_later_exits(name):
    outputs = 1 if name == "agreement" else 3
    policy = make_policy(name, 0, exits=5, regression=outputs == 1)
    logits, heats = made_logits(exits=5, outputs=outputs), np.linspace(0.5, 2, 5)
    whole = policy.readiness(logits, heats)
    for exits in range(1, 6):
        part = policy.readiness(logits[:, :exits], heats[:exits])
        np.testing.assert_array_equal(part, whole[:, :exits])


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=6),
    st.lists(st.floats(0, 1), min_size=4, max_size=4) | st.floats(0, 1),
)
def test_each_example_leaves_at_the_first_exit_that_is_sure_enough(readiness, threshold):
    each = np.broadcast_to(threshold, 4)
    expected = []
    for row in readiness:
        exit = 0
        while exit < 3 and row[exit] < each[exit]:
            exit += 1
        expected.append(exit)
    given_threshold = threshold if isinstance(threshold, float) else np.array(threshold)
    assert leave(np.array(readiness), given_threshold).tolist() == expected


def test_leaving_does_not_change_the_readiness():
    readiness = np.zeros((2, 3))
    leave(readiness, 0.5)
    assert not readiness.any()


@pytest.mark.parametrize("threshold", [np.nan, np.inf])
def test_what_no_readiness_reaches_is_full_depth(threshold):
    assert leave(np.ones((2, 3)), threshold).tolist() == [2, 2]


def test_a_regression_has_a_policy_of_its_own():
    assert policies(regression=True) == ("agreement",)
    assert "agreement" not in policies(regression=False)
    assert {*policies(regression=True), *policies(regression=False)} == set(READINESS)


def test_one_threshold_stands_for_all_exits_and_a_list_for_each():
    assert make_policy("entropy", 0.5, exits=3, regression=False).thresholds.tolist() == [0.5] * 3
    each = make_policy("entropy", (0.1, 0.2, 0.3), exits=3, regression=False)
    assert each.thresholds.tolist() == [0.1, 0.2, 0.3]
    as_array = make_policy("patience", np.arange(3), exits=3, regression=False)
    assert as_array.thresholds.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("name", "threshold"), [("full", 0.5), ("confidence", None)])
def test_full_depth_is_a_threshold_that_nothing_reaches(name, threshold):
    policy = make_policy(name, threshold, exits=3, regression=False)
    readiness = policy.readiness(made_logits(), np.ones(3))
    assert set(leave(readiness, policy.thresholds)) == {2}


def test_temperatures_cool_and_heat_what_policies_see():
    policy = make_policy("confidence", 0.5, exits=3, regression=False)
    heats = np.array([0.5, 1.0, 4.0])
    expected = softmax(made_logits() / heats[:, None], axis=-1).max(-1)
    np.testing.assert_allclose(policy.readiness(made_logits(), heats), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "threshold", "sentence"),
    [
        ("fly", 0.5, "policy: must be one of confidence, entropy, patience, full; got fly."),
        ("agreement", -1, "policy: must be one of confidence"),
        ("confidence", 1.1, "confidence: threshold must be between 0 and 1; got 1.1."),
        ("confidence", -0.1, "confidence: threshold must be between 0 and 1; got -0.1."),
        ("entropy", np.inf, "entropy: threshold must be between 0 (any answer) and 1 (certainty)"),
        ("entropy", "x", "entropy: threshold must be between"),
        ("patience", -1, "patience: threshold must be 0 or more exits in a row; got -1."),
        ("confidence", [0.5, np.nan, 0.5], "confidence: threshold must be between 0 and 1; got"),
        ("confidence", [0.5], None),
        ("confidence", [], "confidence: threshold must be one number, or one for each of 3 exits;"),
        ("confidence", [0.5] * 4, "confidence: threshold must be one number, or one for each of 3"),
    ],
)
def test_a_policy_that_cannot_be_is_told(name, threshold, sentence):
    if sentence is None:
        assert make_policy(name, threshold, exits=3, regression=False).thresholds.shape == (3,)
        return
    with pytest.raises(UserError) as told:
        make_policy(name, threshold, exits=3, regression=False)
    assert str(told.value).startswith(sentence)


def test_a_difference_cannot_be_less_than_nothing():
    with pytest.raises(UserError, match="agreement: threshold must be 0 or less"):
        make_policy("agreement", 0.1, exits=3, regression=True)
