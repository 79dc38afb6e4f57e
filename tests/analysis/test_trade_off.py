import math

import numpy as np
import pytest
from scipy import interpolate, optimize, stats

from effexplorer.analysis.trade_off import reductions, scaling


def test_a_reduction_is_read_off_where_the_curve_comes_down_to_the_target():
    dense = np.array([[[90.0, math.log(120)]] * 2])
    runs = np.array([[[89.5, math.log(60)]] * 2, [[87.5, math.log(30)]] * 2])
    found = reductions(dense, runs, 1.0)
    curve = interpolate.interp1d([math.log(s) for s in (30, 60, 120)], [87.5, 89.5, 90.0])
    size = optimize.brentq(lambda at: curve(at) - 89.0, math.log(30), math.log(120))
    assert found == pytest.approx([math.log(120) - size] * 3)


def test_a_smaller_model_that_scores_more_hides_larger_ones():
    dense = np.array([[[90.0, 5.0]] * 2])
    runs = np.array([[[80.0, 4.5]] * 2, [[89.5, 4.0]] * 2, [[87.0, 3.0]] * 2])
    without = reductions(dense, runs[1:], 1.0)
    assert reductions(dense, runs, 1.0)[0] == without[0]


def test_a_curve_that_does_not_come_down_has_no_reduction():
    dense, runs = np.array([[[90.0, 5.0]] * 2]), np.array([[[89.5, 4.0]] * 2])
    assert reductions(dense, runs, 1.0)[0] == math.inf


def test_leaving_out_seeds_leaves_them_out_of_all_means():
    random = np.random.default_rng(1)
    dense = np.stack([random.normal(90, 0.2, (1, 3)), np.full((1, 3), 5.0)], -1)
    scores = random.normal([[89.0] * 3, [86.0] * 3], 0.2)
    runs = np.stack([scores, np.array([[4.0] * 3, [3.0] * 3])], -1)
    found = reductions(dense, runs, 1.0)
    kept = [0, 2]
    assert found[2] == reductions(dense[:, kept], runs[:, kept], 1.0)[0]


def test_the_interval_is_that_of_the_jackknife_by_its_definition():
    one, other, both = np.random.default_rng(2).normal(1, 0.05, (3, 6))
    found = scaling(one, other, both)
    logs = both - one - other
    pseudo = 5 * logs[0] - 4 * logs[1:]
    interval = stats.ttest_1samp(pseudo, 0).confidence_interval()
    half = (interval.high - interval.low) / 2 * 5 / 4
    assert math.log(found.high) - math.log(found.ratio) == pytest.approx(half)
    assert math.log(found.ratio) == pytest.approx(pseudo.mean())
