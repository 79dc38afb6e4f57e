import pytest

from effexplorer.analysis.commutativity import comparable, order_evidence
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge
from tests.analysis.builders import made_group, seeded

TWO = ("distill", "prune")


def two_orders(one, other):
    return made_group(
        {"": seeded(90.0, 90.2, 90.1), "distill > prune": one, "prune > distill": other}
    )


def judged(group, operators=TWO):
    evidence = order_evidence(group)
    return dict(zip(evidence, judge(list(evidence.values())), strict=True))[operators]


def test_orders_surely_within_the_margin_commute():
    found = judged(two_orders(seeded(80.0, 81.0, 82.0), seeded(80.1, 81.0, 82.1)))
    assert found.answer == YES
    assert found.sentence == (
        "Order does not matter here: the orders are surely less than 1 point apart. Of 2, prune > "
        "distill is best and distill > prune worst: 0.1 points apart, about 1 of 872 sentences "
        "(95 % interval -0.1 to +0.2; 3 seeds)."
    )


def test_noise_is_no_reason_to_say_that_orders_commute():
    found = judged(two_orders(seeded(80.0, 84.0, 82.0), seeded(82.0, 80.5, 83.8)))
    assert found.answer == CANNOT_TELL
    assert "it would take about" in found.sentence and found.numbers["needed"] > 3


def test_orders_surely_beyond_the_margin_do_not_commute():
    found = judged(two_orders(seeded(80.0, 80.5, 80.2), seeded(85.0, 85.4, 85.3)))
    assert found.answer == NO
    assert found.sentence.startswith(
        "Order matters here: some orders are surely more than 1 point apart. Of 2, prune > distill"
    )
    assert found.needs[YES].startswith("p < 0.05 if two orders were 1 point apart; it is 1.00")
    assert found.needs[NO].startswith("p < 0.05 if no two orders were more than 1 point apart")


def test_no_is_corrected_for_the_other_verdicts_of_the_page():
    group = two_orders(seeded(80.0, 80.5, 80.2), seeded(81.5, 82.6, 82.0))
    (evidence,) = order_evidence(group).values()
    assert judge([evidence])[0].answer == NO
    assert judge([evidence] * 5)[0].answer == CANNOT_TELL


def test_a_difference_that_is_sure_and_smaller_than_the_margin_is_a_yes():
    found = judged(two_orders(seeded(70.0, 80.0, 90.0), seeded(70.5, 80.51, 90.5)))
    assert found.answer == YES and found.numbers["low"] > 0


@pytest.mark.parametrize(
    "runs",
    [
        {"distill > prune": seeded(80.0, 81.0, 82.0)},
        {"distill > prune": seeded(80.0), "prune > distill": seeded(90.0)},
        {"distill > prune": seeded(80.0, 81.0), "prune > distill": seeded(90.0)},
        {"distill > prune": {0: 80.0, 1: 81.0}, "prune > distill": {2: 80.0, 3: 81.0}},
    ],
    ids=["one order", "one seed", "one order with two seeds", "no seed in common"],
)
def test_nothing_is_told_without_two_orders_with_the_same_two_seeds(runs):
    found = judged(made_group({"": {0: 90.0}, **runs}))
    assert (found.answer, found.numbers, found.void) == (CANNOT_TELL, {}, False)
    assert "it takes two orders with the same two seeds" in found.sentence


def test_orders_not_surely_above_one_answer_for_all_are_void():
    found = judged(two_orders(seeded(80.0, 81.0, 82.0), seeded(50.0, 52.0, 51.0)))
    assert found.void and found.answer == CANNOT_TELL
    assert found.sentence.startswith(
        "Void: prune > distill is not surely above one answer for all (50.9 %)"
    )


def test_only_seeds_that_all_orders_share_are_compared():
    group = two_orders({0: 80.0, 1: 81.0, 2: 20.0}, {0: 80.5, 1: 81.5, 5: 99.0})
    table = comparable(group, TWO)
    assert table.seeds == (0, 1) and table.scores.tolist() == [[80.0, 81.0], [80.5, 81.5]]


def test_legal_orders_that_were_not_run_are_told():
    group = made_group(
        {
            "distill > prune > quantize": seeded(80.0, 81.0),
            "prune > distill > quantize": seeded(80.0, 81.0),
        }
    )
    found = judged(group, ("distill", "prune", "quantize"))
    assert found.sentence.endswith("Of 6 legal orders 2 were run.")
