import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.commutativity import commutativity, comparable, spread
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES
from tests.analysis.builders import made_group, seeded

TWO = ("distill", "prune")


def two_orders(one, other):
    return made_group({"distill > prune": one, "prune > distill": other})


def test_the_spread_is_the_range_of_means_beside_the_pooled_deviation():
    found = spread({("a",): [80.0, 82.0], ("b",): [84.0, 84.0], ("c",): [83.0, 83.0]})
    assert (found.orders, found.seeds, found.range) == (3, 2, 3.0)
    assert found.deviation == pytest.approx(np.sqrt(2 / 3))
    assert found.p == pytest.approx(stats.f_oneway([80, 82], [84, 84], [83, 83]).pvalue)


@pytest.mark.parametrize(("shift", "small"), [(2.0, True), (2.01, False)])
def test_a_range_of_just_twice_the_deviation_is_small(shift, small):
    noise = [80 - np.sqrt(0.5), 80 + np.sqrt(0.5)]  # a deviation of 1
    found = spread({("a",): noise, ("b",): [one + shift - 1e-9 for one in noise]})
    assert found.deviation == pytest.approx(1)
    assert found.small is small


def test_orders_within_seed_noise_commute():
    found = commutativity(two_orders(seeded(80.0, 81.0, 82.0), seeded(81.0, 80.5, 81.8)), TWO)
    assert found.answer == YES
    assert found.sentence.startswith("Order does not matter here beyond chance: the means of 2")
    assert "differ by at most 0.1 points, and one seed from the next by 0.8" in found.sentence
    p = stats.ttest_rel([80.0, 81.0, 82.0], [81.0, 80.5, 81.8]).pvalue
    assert f"3 seeds each; p = {p:.2f}" in found.sentence


def test_orders_far_apart_do_not_commute_and_the_best_is_named():
    found = commutativity(two_orders(seeded(80.0, 80.5, 80.2), seeded(85.0, 85.4, 85.3)), TWO)
    assert found.answer == NO
    assert found.sentence.startswith("Order matters here, and prune > distill is best: ")
    assert found.numbers["range"] == pytest.approx(5.0)


def test_a_range_beyond_the_rule_that_a_test_finds_likely_cannot_be_told():
    found = commutativity(two_orders(seeded(80.0, 80.5), seeded(81.0, 82.2)), TWO)
    assert found.numbers["range"] > 2 * found.numbers["deviation"]
    assert found.numbers["p"] == pytest.approx(stats.ttest_rel([80.0, 80.5], [81.0, 82.2]).pvalue)
    assert found.answer == CANNOT_TELL


def test_a_small_difference_that_every_seed_shows_is_told():
    found = commutativity(two_orders(seeded(70.0, 80.1, 90.0), seeded(71.0, 81.0, 91.1)), TWO)
    assert found.answer == YES
    assert found.sentence.startswith("Order matters less here than the seed: ")


@pytest.mark.parametrize(
    "runs",
    [
        {},
        {"distill > prune": seeded(80.0, 81.0, 82.0)},
        {"distill > prune": seeded(80.0), "prune > distill": seeded(90.0)},
        {"distill > prune": seeded(80.0, 81.0), "prune > distill": seeded(90.0)},
    ],
    ids=["nothing", "one order", "one seed", "one order with two seeds"],
)
def test_nothing_is_told_from_one_order_or_one_seed(runs):
    found = commutativity(made_group({"": {0: 90.0}, **runs}), TWO)
    assert found.answer == CANNOT_TELL
    assert "it takes two orders with two seeds each" in found.sentence


def test_only_seeds_that_all_orders_share_are_compared():
    group = two_orders({0: 80.0, 1: 81.0, 2: 20.0}, {0: 80.5, 1: 81.5, 5: 99.0})
    scores, paired = comparable(group, TWO)
    assert paired and sorted(scores.values()) == [[80.0, 81.0], [80.5, 81.5]]


def test_orders_without_shared_seeds_are_compared_by_their_means_and_that_is_told():
    found = commutativity(two_orders({0: 80.0, 1: 82.0}, {2: 81.0, 3: 82.0}), TWO)
    assert found.answer == YES and found.numbers["paired"] == 0
    assert "2 seeds or more, not the same" in found.sentence
    assert found.numbers["p"] == pytest.approx(stats.f_oneway([80, 82], [81, 82]).pvalue)


def test_legal_orders_that_were_not_run_are_told():
    group = made_group(
        {
            "distill > prune > quantize": seeded(80.0, 81.0),
            "prune > distill > quantize": seeded(80.0, 81.0),
        }
    )
    found = commutativity(group, ("distill", "prune", "quantize"))
    assert found.sentence.endswith("Of 6 legal orders 2 were run with two seeds.")


def test_noise_alone_seldom_makes_order_matter():
    random = np.random.default_rng(1)
    answers = []
    for _ in range(200):
        scores = random.normal(80, 1, (24, 3)) + random.normal(0, 2, 3)
        found = spread(dict(enumerate(scores.tolist())), paired=True)
        answers.append(not found.small and found.p < 0.05)
    assert np.mean(answers) < 0.06
