import itertools

import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.cumulativeness import predict
from effexplorer.analysis.prediction_error import error_evidence, prediction_error
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge
from tests.analysis.builders import made_group, seeded

NODES = [(), ("D",), ("P",), ("Q",), ("D", "P"), ("P", "D"), ("D", "P", "Q")]


def judged(group):
    (verdict,) = judge([error_evidence(group)])
    return verdict


def studied(*errors, noise=0.0):
    """Return runs of three seeds whose combinations miss the sum by ``errors``."""
    random = np.random.default_rng(0)
    effects = {"": 0.0, "distill": -9.0, "prune": -4.5, "quantize": -1.0}
    orders = ("distill > prune", "prune > distill", "distill > quantize", "prune > quantize")
    runs = {steps: 90 + effect for steps, effect in effects.items()}
    for order, error in zip(orders, errors, strict=True):
        runs[order] = 90 + sum(effects[step] for step in order.split(" > ")) + error
    return made_group(
        {
            steps: seeded(*(mean + random.normal(0, 1) * noise for _ in "abc"))
            for steps, mean in runs.items()
        }
    )


def test_a_single_combination_is_tested_by_the_t_test():
    nodes = [(), ("D",), ("P",), ("D", "P")]
    scores = np.random.default_rng(1).normal(80, 0.5, (4, 5))
    found = prediction_error(nodes, scores, 1.0)
    errors = scores[3] - scores[1] - scores[2] + scores[0]
    assert found.error == pytest.approx(abs(errors.mean()))
    interval = stats.ttest_1samp(errors, 0).confidence_interval()
    assert found.high - found.error == pytest.approx((interval.high - interval.low) / 2)


def test_errors_are_measured_less_predicted():
    group = studied(1.0, -1.0, 2.0, 0.0, noise=0.3)
    found = judged(group).numbers
    errors = [
        np.mean([by[seed].final.score - predict(group, order, seed).additive for seed in by])
        for order, by in group.runs.items()
        if len(order) == 2
    ]
    assert found["difference"] == pytest.approx(np.sqrt(np.mean(np.square(errors))))
    assert found["bias"] == pytest.approx(np.mean(errors))
    measured = [
        np.mean(list(group.scores(order).values())) for order in group.runs if len(order) == 2
    ]
    assert found["skill"] == pytest.approx(1 - found["difference"] ** 2 / np.var(measured))


def test_the_length_of_the_noise_follows_f():
    """Box's approximation, where combinations share the noise of their operators' runs."""
    random = np.random.default_rng(3)
    missed = 0
    for _ in range(400):
        moved = {(): random.normal(0, 3, 4)}
        for node in NODES[1:]:
            moved[node] = moved[node[:-1]] + random.normal(0, 0.5, 4)
        found = prediction_error(NODES, np.array([moved[node] for node in NODES]), 1.0)
        missed += found.low > 0  # the true error is 0
    assert missed / 400 < 0.07


def test_exact_sums_with_skill_can_be_predicted():
    found = judged(studied(0.0, 0.1, 0.0, -0.1, noise=0.1))
    assert found.answer == YES and found.numbers["skill"] > 0.9
    assert found.sentence.startswith("Combinations can be predicted: the error is surely below 1")


def test_sums_that_are_surely_off_cannot():
    found = judged(studied(5.0, -4.0, 6.0, 5.0, noise=0.1))
    assert found.answer == NO and found.numbers["low"] > 1
    assert found.sentence.startswith("Combinations cannot be predicted")


def test_an_error_about_the_margin_cannot_be_told():
    assert judged(studied(1.0, -1.0, 1.0, 1.0, noise=0.3)).answer == CANNOT_TELL


def test_a_sum_no_better_than_a_constant_is_no_prediction():
    runs = {
        "": 90.0,
        "distill": 90.0,
        "prune": 90.1,
        "distill > prune": 90.3,
        "prune > distill": 90.2,
    }
    group = made_group({steps: seeded(mean, mean, mean + 0.01) for steps, mean in runs.items()})
    found = judged(group)
    assert found.numbers["within"] < 0.05 and found.numbers["skill"] < 0
    assert found.answer == CANNOT_TELL and "predicts them as well" in found.sentence


def test_runs_that_lack_a_seed_or_only_train_on_are_left_out():
    group = studied(0.0, 0.1, 0.0, -0.1, noise=0.1)
    runs = {" > ".join(order): group.scores(order) for order in group.runs}
    runs |= {"finetune": seeded(90.0, 90.0, 90.0), "finetune > prune": seeded(1.0, 1.0, 1.0)}
    runs |= {"quantize(mode=aware) > prune": {0: 1.0}, "quantize(mode=aware)": {0: 1.0}}
    assert judged(made_group(runs)).numbers == judged(group).numbers


@pytest.mark.parametrize(
    "runs",
    [{"distill > prune": {0: 76.5}}, {}],
    ids=["one seed", "no combination"],
)
def test_too_little_cannot_tell(runs):
    singles = {steps: {0: 90.0} for steps in ("", "distill", "prune")}
    found = judged(made_group(singles | runs))
    assert found.answer == CANNOT_TELL and "it takes the dense model" in found.sentence


def test_a_part_at_the_level_of_one_answer_for_all_is_void():
    runs = {steps: seeded(80.0, 81.0) for steps in ("", "distill", "distill > prune")}
    assert judged(made_group(runs | {"prune": seeded(50.0, 51.0)})).void


def test_the_order_of_nodes_does_not_matter():
    scores = np.random.default_rng(4).normal(80, 1, (7, 3))
    first = prediction_error(NODES, scores, 1.0)
    for left, right in itertools.combinations(range(4, 7), 2):
        place = list(range(7))
        place[left], place[right] = right, left
        nodes = [NODES[at] for at in place]
        assert prediction_error(nodes, scores[place], 1.0).high == pytest.approx(first.high)
