import pytest

from effexplorer.analysis.cumulativeness import compare, predict, why_not
from tests.analysis.builders import made_group, seeded
from tests.builders import a_record

SINGLES = {"": {0: 90.0}, "distill": {0: 81.0}, "prune": {0: 85.5}, "quantize": {0: 89.0}}


def test_estimates_are_the_sum_of_effects_and_the_product_of_ratios():
    found = predict(made_group(SINGLES), ("distill", "prune", "quantize"), 0)
    assert found.additive == pytest.approx(90 - 9 - 4.5 - 1)
    assert found.multiplicative == pytest.approx(90 * 0.9 * 0.95 * 89 / 90)
    assert found.seeds == (0,)


def test_costs_are_the_product_of_ratios_on_every_axis():
    group = made_group(SINGLES, dense=100_000_000, D=50_000_000, P=60_000_000)
    found = predict(group, ("distill", "prune"), 0)
    assert found.costs["bytes"] == pytest.approx(30_000_000)
    assert found.costs["macs"] == pytest.approx(105_000_000)  # distill alone halves them
    assert set(found.costs) == {"bytes", "parameters", "macs", "latency"}


def test_an_operator_that_stands_twice_counts_twice():
    found = predict(made_group(SINGLES), ("prune", "prune"), 0)
    assert found.additive == pytest.approx(81.0)
    assert found.multiplicative == pytest.approx(90 * 0.95**2)


def test_knobs_make_another_operator():
    assert predict(made_group(SINGLES), ("distill", "prune(sparsity=0.5)")) is None


def test_a_seed_counts_alone_where_all_have_it_and_else_the_shared_ones_do():
    group = made_group(
        {"": seeded(90.0, 80.0, 1.0), "distill": seeded(88.0, 70.0), "prune": seeded(89.0, 79.0)}
    )
    assert predict(group, ("distill", "prune"), 1).additive == pytest.approx(69.0)
    for seed in (None, 2):
        found = predict(group, ("distill", "prune"), seed)
        assert found.additive == pytest.approx(85 - 6 - 1) and found.seeds == (0, 1)


def test_without_a_shared_seed_each_counts_with_its_own_mean():
    group = made_group({"": {0: 90.0}, "distill": {1: 80.0, 2: 82.0}, "prune": {3: 88.0}})
    found = predict(group, ("distill", "prune"))
    assert found.additive == pytest.approx(90 - 9 - 2) and found.seeds == ()


@pytest.mark.parametrize(
    ("runs", "order", "reason"),
    [
        ({"": {0: 1.0}, "distill": {0: 1.0}}, ("distill", "prune(epochs=4.0)"),
         "No prediction: prune(epochs=4.0) alone was not run."),
        ({"distill": {0: 1.0}}, ("prune", "distill", "prune"),
         "No prediction: the dense model and prune alone were not run."),
        (SINGLES, ("prune",), "No prediction: it takes two operators or more."),
        (SINGLES, (), "No prediction: it takes two operators or more."),
    ],
)  # fmt: skip
def test_what_is_missing_for_a_prediction_is_told(runs, order, reason):
    assert why_not(made_group(runs), order) == reason
    assert predict(made_group(runs), order) is None


def test_a_dense_score_of_zero_has_a_product_of_zero():
    group = made_group({"": {0: 0.0}, "distill": {0: 1.0}, "prune": {0: 2.0}})
    assert predict(group, ("distill", "prune")).multiplicative == 0


def test_a_run_is_compared_as_measured_minus_predicted():
    prediction = predict(made_group(SINGLES), ("distill", "prune"), 0)
    record = a_record("distill > prune", score=78.0, bytes=round(2 * prediction.costs["bytes"]))
    found = compare(prediction, record)
    assert found.additive == pytest.approx(78 - 76.5)
    assert found.multiplicative == pytest.approx(78 - 90 * 0.9 * 0.95)
    assert found.costs["bytes"] == pytest.approx(2.0)
