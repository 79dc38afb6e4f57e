import numpy as np
import pytest

from effexplorer.find.features import features
from effexplorer.find.space import space
from effexplorer.find.surrogate import predict_costs, predict_scores
from effexplorer.pipeline import Pipeline, parse_steps

SPACE = space(Pipeline("minilm", "reviews"), ("distill", "prune", "quantize"))
MATRIX, KINDS = features(SPACE)


def at(text: str) -> int:
    return SPACE.index(parse_steps(text))


def scores(measured: dict[str, float], error: float = 1.0):
    return predict_scores(MATRIX, KINDS, [at(one) for one in measured], [*measured.values()], error)


def test_what_is_measured_is_predicted_closely_and_surely():
    found = scores({"": 90.0, "prune": 85.0})
    assert found.mean[at("prune")] == pytest.approx(85.0, abs=1.0)
    assert found.deviation[at("prune")] < 0.5 < found.deviation[at("distill")]


def test_unmeasured_operators_are_held_to_lose_something():
    found = scores({"": 90.0})
    assert found.mean[at("prune > quantize")] < found.mean[at("prune")] < 90.0


def test_effects_add_up_until_a_combination_is_measured():
    found = scores({"": 90.0, "prune": 86.0, "quantize": 89.0})
    assert found.mean[at("prune > quantize")] == pytest.approx(85.0, abs=1.0)
    pair = scores({"": 90.0, "prune": 86.0, "quantize": 89.0, "prune > quantize": 80.0})
    assert pair.mean[at("prune > quantize")] < 82.0


def test_an_order_that_was_measured_tells_of_others():
    known = {"": 90.0, "prune": 89.0, "distill": 89.0, "prune > distill": 80.0}
    both = scores(known | {"distill > prune": 88.0})
    longer = "quantize(mode=aware)"
    assert (
        both.mean[at(f"distill > prune > {longer}")] > both.mean[at(f"prune > distill > {longer}")]
    )


def test_the_intervals_hold_what_is_drawn_from_the_model():
    random, inside, drawn = np.random.default_rng(0), 0, 0
    for _ in range(40):
        effects = random.normal(size=MATRIX.shape[1]) * 0.6
        effects[0] = 90.0
        truth = MATRIX @ effects
        rows = [0, *(1 + random.choice(len(SPACE) - 1, 10, replace=False))]
        found = predict_scores(
            MATRIX, KINDS, rows, truth[rows] + random.normal(0, 0.3, len(rows)), 1.0
        )
        inside += int((np.abs(truth - found.mean) <= 1.96 * found.deviation).sum())
        drawn += len(truth)
    assert 0.88 <= inside / drawn <= 1.0


def test_costs_are_the_formulas_until_they_are_measured():
    expected = np.full(len(SPACE), 0.5)
    expected[0] = 1.0
    found = predict_costs(MATRIX, KINDS, [0], [80.0], expected, "bytes")
    assert np.exp(found.mean[at("prune")]) == pytest.approx(40.0, rel=0.01)
    measured = predict_costs(MATRIX, KINDS, [0, at("prune")], [80.0, 30.0], expected, "bytes")
    assert np.exp(measured.mean[at("prune")]) == pytest.approx(30.0, rel=0.01)
    assert np.exp(measured.mean[at("prune > quantize")]) < 35.0
