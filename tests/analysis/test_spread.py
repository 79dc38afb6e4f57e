import itertools

import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.spread import Table, spreads

TWO = (("distill", "prune"), ("prune", "distill"))


def spread(rows, *, orders=TWO, margin=1.0):
    table = np.array(rows, dtype=float)
    (found,) = spreads([Table(orders, tuple(range(table.shape[1])), table)], margin)
    return found


def test_two_orders_are_tested_by_the_paired_t_test():
    one, other = [80.0, 81.0, 82.5], [79.0, 80.3, 81.9]
    found = spread([one, other])
    difference = np.subtract(one, other)
    assert found.difference == pytest.approx(difference.mean())
    expected = stats.ttest_1samp(difference, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert found.within == pytest.approx(
        stats.ttest_1samp(difference, 1, alternative="less").pvalue
    )
    assert (found.best, found.worst) == TWO


def test_what_a_seed_does_to_all_orders_alike_counts_for_nothing():
    rows = np.array([[80.0, 81.0, 82.0], [80.4, 81.3, 82.5]])
    moved = spread(rows + np.array([0.0, 30.0, -30.0]))
    assert (moved.within, moved.beyond) == pytest.approx((spread(rows).within, spread(rows).beyond))


def test_every_pair_must_be_within_and_the_best_pair_is_corrected_for_their_number():
    orders = tuple(itertools.permutations("DPQ"))
    random = np.random.default_rng(0)
    rows = random.normal(80, 0.2, (6, 6)) + np.array([[0.0], [0.1], [0.2], [0.3], [0.4], [2.5]])
    all_pairs = spread(rows, orders=orders)
    first, last = orders[0], orders[-1]
    two = spread(rows[[0, -1]], orders=(first, last))
    assert all_pairs.within > 0.99  # the first and the last are surely not within a point
    assert (all_pairs.best, all_pairs.worst, all_pairs.orders) == (last, first, 6)
    assert all_pairs.difference == pytest.approx(two.difference)
    level = 1 - 0.025 / 15
    half = stats.t.ppf(level, all_pairs.freedom) * all_pairs.error
    assert all_pairs.high - all_pairs.difference == pytest.approx(half)


def test_a_wider_margin_makes_yes_easier_and_no_harder():
    rows = [[80.0, 81.0, 82.0], [80.9, 82.1, 82.8]]
    near, far = (spread(rows, margin=margin) for margin in (1.0, 3.0))
    assert far.within < near.within and far.beyond > near.beyond


def test_orders_that_never_differ_are_within_for_certain():
    found = spread([[80.0, 81.0]] * 2)
    assert (found.difference, found.within, found.beyond) == pytest.approx(
        (0.0, 0.0, 1.0), abs=1e-6
    )
