import itertools

import numpy as np
import pytest

from effexplorer.analysis.prefixes import moderated, noise, shared

ORDERS = list(itertools.permutations("DPEQ"))


def scores(random, orders, seeds, deviation):
    """Return scores of orders whose prefixes move them by ``deviation`` each."""
    moved = {(): random.normal(0, 5, seeds)}
    for order in orders:
        for end in range(1, len(order) + 1):
            if order[:end] not in moved:
                moved[order[:end]] = moved[order[: end - 1]] + random.normal(0, deviation, seeds)
    return np.array([moved[order] for order in orders])


@pytest.mark.parametrize(
    ("one", "other", "steps"), [("DPE", "DPQ", 2), ("D", "DP", 1), ("D", "P", 0)]
)
def test_orders_share_what_both_begin_with(one, other, steps):
    assert shared(tuple(one), tuple(other)) == steps


def test_two_orders_have_the_variance_of_their_paired_difference():
    table = np.random.default_rng(0).normal(80, 2, (2, 5))
    seen = noise([("a", "b"), ("b", "a")], table)
    assert seen.of_pairs[0, 1] == pytest.approx((table[0] - table[1]).var(ddof=1))
    assert seen.of_pairs[0, 0] == 0 and seen.freedoms == pytest.approx([4])


def test_variances_are_pooled_by_where_orders_part():
    table = np.random.default_rng(1).normal(80, 2, (24, 4))
    seen = noise(ORDERS, table)
    for parted in (0, 1, 2):
        pairs = [
            (i, j)
            for i, j in itertools.combinations(range(24), 2)
            if shared(ORDERS[i], ORDERS[j]) == parted
        ]
        expected = np.mean([(table[i] - table[j]).var(ddof=1) for i, j in pairs])
        assert seen.of_pairs[pairs[0]] == pytest.approx(expected)
        assert seen.steps[seen.kind[pairs[0]]] == 2 * (4 - parted)


def test_degrees_of_freedom_are_those_of_the_pooled_variances_in_a_simulation():
    random = np.random.default_rng(2)
    drawn = [noise(ORDERS, scores(random, ORDERS, 4, 1.0)) for _ in range(600)]
    variances = np.array([one.variances for one in drawn])
    freedoms = np.mean([one.freedoms for one in drawn], axis=0)
    simulated = 2 * variances.mean(0) ** 2 / variances.var(0)
    assert freedoms == pytest.approx(simulated, rel=0.2)
    depths = [3 - (steps // 2 - 1) for steps in drawn[0].steps]
    assert variances.mean(0) == pytest.approx([2 * (4 - depth) for depth in depths], rel=0.1)


def test_orders_of_unlike_length_have_kinds_of_their_own():
    seen = noise([(), ("D",), ("D", "P")], np.random.default_rng(3).normal(80, 1, (3, 4)))
    assert len(set(seen.kind[np.triu_indices(3, 1)])) == 3


def test_only_pairs_with_as_many_steps_apart_borrow_from_each_other():
    random = np.random.default_rng(4)
    two = [noise([("a", "b"), ("b", "a")], random.normal(80, 1, (2, 3))) for _ in range(30)]
    other = noise([("a",), ("b",)], random.normal(80, 30, (2, 3)))
    *pooled, alone = moderated([*two, other])
    assert np.std([one.variances[0] for one in pooled]) < np.std([one.variances[0] for one in two])
    assert alone.variances == pytest.approx(other.variances)
    assert moderated([]) == []
