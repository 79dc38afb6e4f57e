import itertools
import math

import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.multiplicativity import family, multiplicativity, scaling
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES
from tests.analysis.builders import made_group, seeded

M = 1_000_000
SEEDS = seeded(90.0, 90.0, 90.0)


def alike(**scores):
    """Runs of distill, prune and both, with three seeds and 90 % unless said otherwise."""
    runs = {"": "dense", "distill": "D", "prune": "P", "distill > prune": "DP"}
    return {steps: scores.get(name, SEEDS) for steps, name in runs.items()}


def test_reductions_that_multiply():
    group = made_group(alike(), dense=120 * M, D=60 * M, P=40 * M, DP=20 * M)
    found = multiplicativity(group, "distill", "prune")
    assert found.answer == YES
    assert [found.numbers[name] for name in ("one", "other", "both", "ratio", "low", "high")] == [
        2, 3, 6, 1, 1, 1,
    ]  # fmt: skip
    assert found.sentence == (
        "The reductions of distill and prune multiply: distill alone makes the model 2.0 x "
        "smaller, prune 3.0 x, both 6.0 x, which is 1.00 of the product (95 % interval 1.00 to "
        "1.00, 3 seeds; score kept within 1 point)."
    )


@pytest.mark.parametrize(
    ("both", "answer", "words"),
    [
        (21, YES, "multiply"),
        (30, NO, "together are less than their product"),
        (10, NO, "together are more than their product"),
    ],
)
def test_a_ratio_off_by_more_than_a_tenth_does_not_multiply(both, answer, words):
    group = made_group(alike(), dense=120 * M, D=60 * M, P=40 * M, DP=both * M)
    found = multiplicativity(group, "distill", "prune")
    assert found.answer == answer and words in found.sentence
    assert found.numbers["ratio"] == pytest.approx(20 / both)


def test_the_smallest_run_that_keeps_the_score_counts_whatever_its_order_and_knobs():
    runs = alike() | {"prune > distill(layers=2)": SEEDS, "prune(sparsity=0.9)": seeded(88, 88, 88)}
    both = family(made_group(runs), ("distill", "prune"))
    assert set(both) == {("distill", "prune"), ("prune", "distill(layers=2)")}
    dense = {0: (90.0, 100.0)}
    one = {("a",): {0: (89.5, 50.0)}, ("b",): {0: (88.9, 20.0)}, ("c",): {0: (91.0, 40.0)}}
    flat = {("x",): {0: (90.0, 100.0)}}
    assert scaling(dense, one, flat, flat).one == pytest.approx(2.5)
    assert scaling(dense, one, flat, flat, tolerance=1.1).one == pytest.approx(5.0)
    assert scaling(dense, one, flat, flat, tolerance=0.5).one == pytest.approx(2.5)


def test_a_score_exactly_at_the_tolerance_is_kept():
    runs = {("a",): {0: (86.5, 50.0)}}
    assert scaling({0: (86.6, 100.0)}, runs, runs, runs, tolerance=0.1).one == 2


def some_noisy_families():
    random = np.random.default_rng(5)

    def runs(score, size):
        return {seed: (score + random.normal(), size + random.normal()) for seed in range(4)}

    dense = runs(90, 100)
    one = {("a",): runs(89.8, 50), ("b",): runs(88.9, 30)}
    other, both = {("c",): runs(89.7, 40)}, {("d",): runs(89.4, 25), ("e",): runs(88.8, 12)}
    return dense, one, other, both


def test_the_interval_is_that_of_the_bootstrap_by_its_definition():
    dense, one, other, both = some_noisy_families()
    ratios = []
    for drawn in itertools.product(range(4), repeat=4):
        floor = np.mean([dense[seed][0] for seed in drawn]) - 2
        size = np.mean([dense[seed][1] for seed in drawn])
        reductions = []
        for runs in (one, other, both):
            sizes = [
                np.mean([by[seed][1] for seed in drawn])
                for by in runs.values()
                if np.mean([by[seed][0] for seed in drawn]) >= floor
            ]
            reductions.append(size / min(sizes) if sizes else math.nan)
        ratios.append(reductions[2] / (reductions[0] * reductions[1]))
    kept = [ratio for ratio in ratios if not math.isnan(ratio)]
    found = scaling(dense, one, other, both, tolerance=2)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(kept, [2.5, 97.5])))
    assert found.lost == pytest.approx(1 - len(kept) / 256)


def test_many_seeds_are_drawn_and_agree_with_scipys_bootstrap():
    random = np.random.default_rng(2)
    sizes = random.normal(50, 5, 40)
    dense = {seed: (90.0, 100.0) for seed in range(40)}
    flat = {("x",): dense}
    both = {("y",): {seed: (90.0, size) for seed, size in enumerate(sizes)}}
    found = scaling(dense, flat, flat, both)
    expected = stats.bootstrap(
        (sizes,), lambda one, axis: 100 / one.mean(axis), method="percentile", rng=0
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.01)


def test_a_wide_interval_cannot_tell():
    keeps_sometimes = seeded(90.0, 90.0, 87.2)  # its mean is kept, that of many resamples is not
    group = made_group(alike(DP=keeps_sometimes), dense=120 * M, D=60 * M, P=40 * M, DP=20 * M)
    found = multiplicativity(group, "distill", "prune")
    assert found.numbers["ratio"] == pytest.approx(1.0)
    assert found.answer == CANNOT_TELL
    lost = sum(drawn.count(2) > 1 for drawn in itertools.product(range(3), repeat=3)) / 27
    assert f"In {100 * lost:.0f} % of the resamples some runs did not keep it." in found.sentence


def test_a_family_that_nowhere_keeps_the_score_cannot_tell():
    found = multiplicativity(made_group(alike(P=seeded(79, 79, 79))), "distill", "prune")
    assert found.answer == CANNOT_TELL
    assert "no run of prune keeps the score within 10 points of the dense model" in found.sentence


def test_the_first_tolerance_at_which_every_family_keeps_the_score_counts():
    group = made_group(alike(P=seeded(88, 88, 88)), dense=120 * M, D=60 * M, P=40 * M, DP=20 * M)
    found = multiplicativity(group, "distill", "prune")
    assert found.answer == YES and found.numbers["tolerance"] == 3
    assert "score kept within 3 points" in found.sentence
    asked = multiplicativity(group, "distill", "prune", tolerances=[1.0])
    assert asked.answer == CANNOT_TELL


def test_one_seed_cannot_tell():
    one = made_group({steps: {0: 90.0} for steps in alike()}, dense=120 * M, D=60 * M, P=40 * M)
    found = multiplicativity(one, "distill", "prune")
    assert found.answer == CANNOT_TELL and "from one seed" in found.sentence


@pytest.mark.parametrize("missing", list(alike()))
def test_a_missing_family_cannot_tell(missing):
    runs = {steps: by_seed for steps, by_seed in alike().items() if steps != missing}
    found = multiplicativity(made_group(runs), "distill", "prune")
    assert found.answer == CANNOT_TELL and "it takes runs of the dense model" in found.sentence


def test_other_costs_multiply_too():
    found = multiplicativity(made_group(alike()), "distill", "prune", axis="macs")
    assert found.numbers["one"] == 2 and found.numbers["other"] == 1 and found.answer == YES


def test_runs_with_other_seeds_take_no_answer_away():
    runs = alike() | {"distill(layers=2)": {3: 90.0}, "prune(sparsity=0.5)": {3: 90.0}}
    runs |= {"": seeded(90.0, 90.0, 90.0, 90.0)}
    sizes = {"dense": 120 * M, "D": 60 * M, "P": 40 * M, "DP": 20 * M}
    found = multiplicativity(made_group(runs, **sizes), "distill", "prune")
    assert (found.answer, found.numbers["seeds"]) == (YES, 3)
