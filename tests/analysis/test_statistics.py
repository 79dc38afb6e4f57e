import math

import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.statistics import (
    equal_means,
    equal_means_paired,
    paired_interval,
    pooled_deviation,
)

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 3, 3), (2, 5, 4), (3,) * 24, (1, 4)])
def test_one_way_analysis_of_variance_is_scipys(sizes):
    samples = [RANDOM.normal(80 + shift, 1, size) for shift, size in enumerate(sizes)]
    expected = stats.f_oneway(*samples).pvalue
    assert equal_means(samples) == pytest.approx(expected, rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_paired_means_of_two_samples_are_tested_as_by_the_paired_t_test(seeds):
    one, other = RANDOM.normal(80, 3, seeds), RANDOM.normal(81, 3, seeds)
    expected = stats.ttest_rel(one, other).pvalue
    assert equal_means_paired([one, other]) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("orders", "seeds"), [(6, 3), (3, 5), (24, 2)])
def test_paired_means_are_tested_as_by_nested_linear_models(orders, seeds):
    table = RANDOM.normal(80, 1, (orders, seeds)) + RANDOM.normal(0, 5, seeds)
    values = table.ravel()
    by_order = np.repeat(np.eye(orders), seeds, axis=0)
    by_seed = np.tile(np.eye(seeds), (orders, 1))

    def left_over(design):
        fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return ((values - fitted) ** 2).sum()

    rest = left_over(np.hstack([by_order, by_seed]))
    above, below = orders - 1, (orders - 1) * (seeds - 1)
    statistic = (left_over(by_seed) - rest) / above / (rest / below)
    expected = stats.f.sf(statistic, above, below)
    assert equal_means_paired(table) == pytest.approx(expected, rel=1e-6)


def test_a_seed_that_moves_all_orders_alike_hides_no_difference_when_paired():
    table = np.array([[70.0, 80.1, 90.0], [71.0, 81.0, 91.1]])
    assert equal_means(table) > 0.9
    assert equal_means_paired(table) < 0.01


@pytest.mark.parametrize("test", [equal_means, equal_means_paired])
def test_equal_scores_have_equal_means_for_certain(test):
    assert test([[80.0, 80.0], [80.0, 80.0]]) == 1
    assert test([[80.0, 80.0], [81.0, 81.0]]) == 0


@pytest.mark.parametrize("test", [equal_means, equal_means_paired])
@pytest.mark.parametrize("samples", [[], [[80.0, 81.0]], [[80.0], [81.0]]])
def test_what_cannot_be_tested_has_no_p_value(test, samples):
    assert math.isnan(test(samples))


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
