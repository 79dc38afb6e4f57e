import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, interpolate
from sklearn.metrics import accuracy_score

from effexplorer.analysis.exit_area import area_between, exit_evidence, exit_pairs, table_curve
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge
from effexplorer.exits.curve import Curve
from effexplorer.exits.table import ExitTable
from tests.analysis.builders import made_group, seeded


def line(macs, scores) -> Curve:
    macs = np.array(macs, dtype=float)
    return Curve(np.arange(len(macs)), np.array(scores, dtype=float), macs, macs)


def test_the_area_of_parallel_lines_is_their_distance():
    one, other = line([10, 60], [80, 90]), line([10, 60], [78, 88])
    assert area_between(one, other) == pytest.approx(2)
    assert area_between(other, one) == pytest.approx(-2)


def test_lines_that_cross_in_the_middle_enclose_nothing():
    assert area_between(line([0, 10], [80, 90]), line([0, 10], [90, 80])) == pytest.approx(0)


def test_only_the_range_that_both_reach_counts():
    one, other = line([0, 10, 20], [0, 80, 80]), line([10, 40], [75, 75])
    assert area_between(one, other) == pytest.approx(5)


@pytest.mark.parametrize("macs", [[20, 30], [10, 10], [30, 40]])
def test_curves_that_share_no_range_have_no_area(macs):
    assert area_between(line([10, 20], [80, 90]), line(macs, [80, 90])) is None


CURVES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 100)), min_size=2, max_size=12)


@given(CURVES, CURVES)
def test_the_area_is_that_of_the_interpolated_difference(one, other):
    one, other = dict(sorted(one)), dict(sorted(other))  # no two points at one cost
    low, high = max(min(one), min(other)), min(max(one), max(other))
    found = area_between(line([*one], [*one.values()]), line([*other], [*other.values()]))
    if low >= high:
        assert found is None
        return
    knots = sorted({low, high, *(cost for cost in (*one, *other) if low < cost < high)})
    ours, theirs = (
        interpolate.make_interp_spline([*curve], [*curve.values()], k=1) for curve in (one, other)
    )
    area = integrate.trapezoid(ours(knots) - theirs(knots), knots)
    assert area == pytest.approx(ours.integrate(low, high) - theirs.integrate(low, high), abs=1e-6)
    assert found == pytest.approx(area / (high - low), abs=1e-9)


def test_points_of_one_cost_count_with_their_mean():
    one, other = line([10, 10, 20], [80, 90, 95]), line([10, 20], [85, 95])
    assert area_between(one, other) == pytest.approx(0)


def test_a_tables_curve_ends_at_the_score_of_full_depth():
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 60)
    logits = random.normal(0, 1, (60, 3, 2))
    logits[np.arange(60), 2, labels] += 2
    macs = np.tile([100, 200, 300], (60, 1))
    table = ExitTable(
        logits, np.ones(3), macs, np.array([1, 2, 3]), labels, labels, np.array([]), np.array(0.9)
    )
    found = table_curve(table, lambda answers: 100 * accuracy_score(labels, answers))
    assert found.macs[-1] == 300
    assert found.scores[-1] == 100 * accuracy_score(labels, logits[:, 2].argmax(1))
    assert found.scores[0] == 100 * accuracy_score(labels, logits[:, 0].argmax(1))


E, S, Q = "exit(epochs=4.0)", "slenderize(epochs=4.0)", "quantize"
LONGER = "exit(epochs=8.0)"
SEEDS = seeded(80.0, 81.0, 80.5)


def pairs_of(*orders):
    return exit_pairs(made_group({"": SEEDS} | {" > ".join(order): SEEDS for order in orders}))


def test_exits_that_come_last_are_matched_by_longer_training():
    (pair,) = pairs_of((E, S), (S, E), (S, LONGER))
    assert (pair.first, pair.last) == ((E, S), (S, LONGER))
    assert pair.trained == (8.0, 8.0) and pair.matched


@pytest.mark.parametrize(
    "last",
    [(S, "exit(catch_up=yes, epochs=4.0)"), ("finetune(epochs=2.0)", S, LONGER)],
    ids=["catch up", "a control's step first"],
)
def test_other_ways_to_train_exits_as_long_match_too(last):
    assert pairs_of((E, S), last)[0].matched


def test_a_step_without_epochs_of_its_own_trains_as_long_as_the_dense_model():
    (pair,) = pairs_of(("exit", "prune"), ("prune", "exit"))
    assert pair.trained == (4.0, 2.0)  # SST-2's dense model takes two


def test_the_latest_exits_count_where_nothing_matches():
    (pair,) = pairs_of((E, S, Q), (S, E, Q))
    assert pair.last == (S, E, Q) and not pair.matched
    distilled = "distill(epochs=4.0)"
    (pair,) = pairs_of((E, distilled, S), (distilled, E, S), (distilled, S, E))
    assert pair.last == (distilled, S, E)


def test_orders_that_differ_in_more_than_the_exits_are_no_pair():
    assert pairs_of((E, S, "prune"), ("prune", S, E), (E, S)) == []
    assert pairs_of((E, S), (S, "exit(soft=0.9, epochs=8.0)")) == []


def higher(*by: float) -> dict[int, Curve]:
    return {seed: line([10, 60], [80 + one, 90 + one]) for seed, one in enumerate(by)}


def judged(first, last, *, exits=LONGER):
    group = made_group({"": SEEDS, f"{E} > {S}": SEEDS, f"{S} > {exits}": SEEDS})
    evidence = exit_evidence(group, {(E, S): first, (S, exits): last}.__getitem__)
    (verdict,) = judge(list(evidence.values()))
    return verdict


@pytest.mark.parametrize(
    ("first", "answer"),
    [((4.0, 4.2, 3.9), YES), ((0.0, 0.1, -0.1), NO), ((4.0, -1.0, 1.5), CANNOT_TELL)],
)
def test_the_area_by_seed_decides(first, answer):
    found = judged(higher(*first), higher(0, 0, 0))
    assert found.answer == answer
    assert found.numbers["difference"] == pytest.approx(np.mean(first))


def test_seeds_are_paired():
    found = judged(higher(3.0, 13.1, 22.9), higher(0, 10, 20))
    assert found.answer == YES and found.numbers["difference"] == pytest.approx(3.0)


def test_unequal_training_is_void():
    found = judged(higher(4.0, 4.2, 3.9), higher(0, 0, 0), exits=E)
    assert found.void and "exits were trained for 8 epochs in exit > slenderize and for 4" in (
        found.sentence
    )


@pytest.mark.parametrize("last", [{}, {1: line([10, 60], [80, 90])}, {0: line([70, 80], [1, 2])}])
def test_fewer_than_two_common_seeds_with_a_common_range_cannot_tell(last):
    found = judged(higher(2.0, 3.0), last)
    assert (found.answer, found.void, found.numbers) == (CANNOT_TELL, False, {})
