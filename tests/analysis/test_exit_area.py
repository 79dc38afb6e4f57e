import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, interpolate
from sklearn.metrics import accuracy_score

from effexplorer.analysis.exit_area import area_between, exit_pair, exits_first, table_curve
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES
from effexplorer.exits.curve import Curve
from effexplorer.exits.table import ExitTable
from tests.analysis.builders import made_group, seeded

S = seeded(80.0, 81.0)


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


def higher(*by: float) -> dict[int, Curve]:
    return {seed: line([10, 60], [80 + one, 90 + one]) for seed, one in enumerate(by)}


@pytest.mark.parametrize(
    ("first", "answer", "words"),
    [
        ((2.0, 2.2, 1.9), YES, "Exits before compression score more than exits after it"),
        ((-2.0, -2.2, -1.9), NO, "Exits before compression score less than exits after it"),
        ((2.0, -1.0, 0.5), CANNOT_TELL, "Cannot tell whether exits before compression score more"),
    ],
)
def test_the_interval_over_seeds_decides(first, answer, words):
    found = exits_first(higher(*first), higher(0, 0, 0))
    assert found.answer == answer and found.sentence.startswith(words)
    assert found.numbers["area"] == pytest.approx(np.mean(first))
    assert "3 seeds" in found.sentence


def test_seeds_are_paired():
    found = exits_first(higher(1.0, 11.1, 20.9), higher(0, 10, 20))
    assert found.answer == YES and found.numbers["area"] == pytest.approx(1.0)


def test_one_shared_seed_cannot_tell():
    found = exits_first(higher(2.0, 3.0), {1: line([10, 60], [80, 90])})
    assert (
        found.answer == CANNOT_TELL and "from one seed, where it is +3.0 points" in found.sentence
    )


@pytest.mark.parametrize("last", [{}, {7: line([1, 2], [1, 2])}, {0: line([70, 80], [1, 2])}])
def test_no_common_seed_or_range_cannot_tell(last):
    found = exits_first(higher(2.0, 3.0), last)
    assert found.answer == CANNOT_TELL and "no seed has two curves" in found.sentence


E, D, P = "exit", "distill", "prune"
LATE = "exit(epochs=4.0)"


def pair_of(operators, **runs):
    return exit_pair(made_group(runs), operators)


def test_exits_first_stand_against_the_same_order_with_exits_last():
    runs = {f"{E} > {D} > {P}": S, f"{D} > {E} > {P}": S, f"{D} > {P} > {E}": S}
    assert pair_of((D, E, P), **runs) == ((E, D, P), (D, P, E))
    del runs[f"{D} > {P} > {E}"]
    assert pair_of((D, E, P), **runs) == ((E, D, P), (D, E, P))


def test_orders_that_differ_in_more_than_the_exits_are_no_pair():
    runs = {f"{E} > {D} > {P}": S, f"{P} > {D} > {E}": S, f"{E} > {P}": S, "": S}
    assert [pair_of(one, **runs) for one in ((D, E, P), (E, P), (), (D,))] == [None] * 4
    assert pair_of((E, P), **{f"{E} > {P}": S, f"{P} > {LATE}": S}) is None


def test_the_pair_with_most_seeds_in_common_counts():
    one_seed = {f"{E} > {D} > {P}": {0: 80.0, 1: 80.0}, f"{D} > {P} > {E}": {1: 80.0, 2: 80.0}}
    both = {f"{E} > {P} > {D}": {0: 80.0, 1: 80.0}, f"{P} > {D} > {E}": {0: 80.0, 1: 80.0}}
    assert pair_of((D, E, P), **one_seed, **both) == ((E, P, D), (P, D, E))


def test_a_quantize_that_must_train_early_is_the_same_operator():
    early = f"{E} > quantize", f"quantize(mode=aware) > {E}"
    assert pair_of((E, "quantize"), **{order: S for order in early}) == (
        (E, "quantize"),
        ("quantize(mode=aware)", E),
    )
