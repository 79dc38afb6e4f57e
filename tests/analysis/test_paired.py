import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score

from effexplorer.analysis.paired import compare_answers, mcnemar
from effexplorer.errors import UserError
from effexplorer.tasks.scores import accuracy, f1, spearmanr

LABELS = np.arange(200) % 2


def wrong_at(*places):
    answers = LABELS.copy()
    answers[list(places)] = 1 - answers[list(places)]
    return answers


@pytest.mark.parametrize(("one", "other"), [(0, 0), (3, 9), (12, 1), (40, 40), (0, 5)])
def test_mcnemars_test_is_scipys_binomial_test(one, other):
    expected = stats.binomtest(one, one + other).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(expected)


def test_models_are_compared_on_the_examples_that_one_alone_answers_right():
    one, other = wrong_at(0, 1, 2), wrong_at(2, *range(20, 36))
    found = compare_answers(LABELS, one, other, accuracy)
    assert (found.only_one, found.only_other, found.examples) == (16, 2, 200)
    expected = 100 * (accuracy_score(LABELS, one) - accuracy_score(LABELS, other))
    assert found.difference == pytest.approx(expected)
    assert found.p == pytest.approx(stats.binomtest(2, 18).pvalue)


def test_the_interval_is_scipys_paired_bootstrap():
    random = np.random.default_rng(0)
    one = np.where(random.random(200) < 0.1, 1 - LABELS, LABELS)
    other = np.where(random.random(200) < 0.2, 1 - LABELS, LABELS)
    found = compare_answers(LABELS, one, other, f1)

    def difference(labels, ours, theirs):
        return 100 * (f1_score(labels, ours) - f1_score(labels, theirs))

    expected = stats.bootstrap(
        (LABELS, one, other), difference, paired=True, vectorized=False, n_resamples=2000,
        method="percentile", rng=0,
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx(tuple(expected), rel=0.3)


def test_answers_that_are_numbers_are_neither_right_nor_wrong():
    labels = np.linspace(0, 5, 60)
    found = compare_answers(labels, labels, -labels, spearmanr, regression=True)
    assert found.difference == pytest.approx(200)
    assert (found.only_one, found.only_other, found.p) == (None, None, None)


def test_equal_models_do_not_differ():
    found = compare_answers(LABELS, LABELS, LABELS, accuracy)
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_answers_to_other_examples_are_refused():
    with pytest.raises(UserError, match="must answer the same examples; got 200 and 3 answers"):
        compare_answers(LABELS, LABELS, LABELS[:3], accuracy)
