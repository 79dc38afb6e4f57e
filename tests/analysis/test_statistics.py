import math

import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.statistics import (
    beyond,
    holm,
    mean_and_error,
    moderate,
    paired_interval,
    pooled_deviation,
    within,
)

RANDOM = np.random.default_rng(7)


def test_the_pooled_deviation_weighs_samples_by_their_freedom():
    samples = [[1.0, 3.0], [5.0, 5.0, 5.0], [9.0]]  # squares 2 and 0 on 1 and 2 degrees
    assert pooled_deviation(samples) == pytest.approx(math.sqrt(2 / 3))
    assert math.isnan(pooled_deviation([[1.0], [2.0]]))


def test_the_paired_interval_is_scipys():
    differences = RANDOM.normal(0.4, 1, 6)
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert paired_interval(differences) == pytest.approx((differences.mean(), *expected))


def test_one_difference_has_no_bounds():
    assert paired_interval([1.5]) == (1.5, -math.inf, math.inf)


@pytest.mark.parametrize("shift", [-2.0, 0.0, 0.3, 1.4])
def test_within_is_the_larger_of_two_one_sided_t_tests(shift):
    differences = RANDOM.normal(shift, 0.7, 5)
    mean, error, freedom = mean_and_error(differences)
    expected = max(
        stats.ttest_1samp(differences, 1, alternative="less").pvalue,
        stats.ttest_1samp(differences, -1, alternative="greater").pvalue,
    )
    assert float(within(mean, error, freedom, 1.0)) == pytest.approx(expected)


def test_beyond_no_margin_is_the_two_sided_t_test():
    differences = RANDOM.normal(0.4, 1, 6)
    expected = stats.ttest_1samp(differences, 0).pvalue
    assert float(beyond(*mean_and_error(differences), 0.0)) == pytest.approx(expected)


def test_beyond_a_margin_is_wrong_as_often_as_it_says_where_the_truth_is_the_margin():
    samples = np.random.default_rng(0).normal(1.0, 0.8, (20_000, 4))
    mean, error = samples.mean(1), samples.std(1, ddof=1) / 2
    for level in (0.01, 0.05):
        assert np.mean(beyond(mean, error, 3, 1.0) < level) == pytest.approx(level, rel=0.1)


@pytest.mark.parametrize(("difference", "near", "far"), [(0.5, 0.0, 1.0), (1.5, 1.0, 0.0)])
def test_differences_without_noise_leave_no_doubt(difference, near, far):
    assert float(within(difference, 0.0, 2, 1.0)) == pytest.approx(near)
    assert float(beyond(difference, 0.0, 2, 1.0)) == pytest.approx(far)


def test_holm_rejects_what_its_steps_by_hand_reject():
    for _ in range(50):
        p_values = RANDOM.uniform(0, 0.2, 7) ** 2
        rejected = set()
        for rank, place in enumerate(np.argsort(p_values)):
            if p_values[place] >= 0.05 / (7 - rank):
                break
            rejected.add(place)
        corrected = holm(p_values)
        assert {at for at, p in enumerate(corrected) if p < 0.05} == rejected


def test_holms_largest_correction_is_bonferronis_and_no_p_value_exceeds_one():
    assert holm([0.01, 0.9, 0.8]) == pytest.approx([0.03, 1.0, 1.0])
    assert holm([]) == []


def test_equal_variances_borrow_and_unlike_ones_hardly_do():
    random = np.random.default_rng(1)
    freedoms = np.full(40, 2.0)
    alike, more = moderate(random.chisquare(2, 40) / 2, freedoms)
    assert alike.std() < 0.5 and more.min() > 6
    unlike = np.exp(random.normal(0, 3, 40)) * random.chisquare(2, 40) / 2
    kept, few = moderate(unlike, freedoms)
    assert few.max() < 3.5 and stats.spearmanr(kept, unlike).statistic == pytest.approx(1)


def test_borrowed_freedom_is_no_more_than_there_is_and_one_variance_borrows_nothing():
    variances, freedoms = moderate(np.array([1.0, 1.0, 1.0]), np.full(3, 2.0))
    assert variances == pytest.approx(1.0) and freedoms.max() <= 6
    assert moderate(np.array([2.0]), np.array([3.0]))[1] == 3.0


def test_moderated_t_tests_are_wrong_as_often_as_they_say():
    random = np.random.default_rng(2)
    wrong = []
    for _ in range(300):
        samples = random.normal(0, np.exp(random.normal(0, 0.5, (20, 1))), (20, 3))
        variances, freedoms = moderate(samples.var(1, ddof=1), np.full(20, 2.0))
        statistic = samples.mean(1) / np.sqrt(variances / 3)
        wrong.append(np.mean(2 * stats.t.sf(np.abs(statistic), freedoms) < 0.05))
    assert np.mean(wrong) < 0.05
