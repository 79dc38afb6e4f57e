import dataclasses

import pytest

from effexplorer.find.answer import confirmed, ranking, runs_of, to_confirm
from effexplorer.find.state import State
from effexplorer.pipeline import parse_steps
from tests.find.builders import a_point, a_request

REQUEST = a_request(max_size=30e6, lose_at_most=1.0)


def of(text: str, **changes):
    return dataclasses.replace(REQUEST.pipeline, steps=parse_steps(text), **changes)


def confirm(pipeline, state, *, shift=0.0):
    for run in runs_of(REQUEST, pipeline):
        for length in range(len(run.steps) + 1):
            state.confirmed[run.prefix(length)] = a_point(
                run.prefix(length), shift=shift * (length > 0)
            )


def missing(state, listed, left=0.0):
    return to_confirm(REQUEST, listed, state, seconds=lambda one: 1.0, left=left)


def test_a_pipeline_is_confirmed_on_all_rows_with_three_seeds_its_own_first():
    runs = runs_of(REQUEST, of("quantize", train_examples=700))
    assert [run.seed for run in runs] == [0, 1, 2]
    assert all(run.train_examples is None for run in runs)


def test_what_three_seeds_came_to_is_their_mean_with_an_interval():
    state, pipeline = State(), of("quantize")
    assert confirmed(runs_of(REQUEST, pipeline), state.confirmed) is None
    for run, shift in zip(runs_of(REQUEST, pipeline), (-1.0, 0.0, 1.0), strict=True):
        state.confirmed[run] = a_point(run, shift=shift)
        state.confirmed[run.prefix(0)] = a_point(run.prefix(0))
    found = confirmed(runs_of(REQUEST, pipeline), state.confirmed)
    assert found.score == pytest.approx(89.8) and found.dense == 90.0
    assert found.low == pytest.approx(89.8 - 4.303 / 3**0.5, abs=0.01)


def test_the_first_is_confirmed_whatever_is_left_of_the_budget():
    assert len(missing(State(), [of("quantize"), of("prune")])) == 3


def test_a_confirmed_pipeline_that_keeps_to_the_goal_ends_it():
    state = State()
    confirm(of("quantize"), state)
    assert missing(state, [of("quantize"), of("prune > quantize")], left=99.0) == []


def test_one_that_fails_on_validation_makes_place_for_the_next_if_there_is_time():
    state = State()
    confirm(of("quantize"), state, shift=-5.0)
    listed = [of("quantize"), of("prune > quantize")]
    assert missing(state, listed, left=2.0) == []
    assert [str(one) for one in missing(state, listed, left=3.0)] == ["prune > quantize"] * 3


def test_a_pipeline_whose_run_failed_is_passed_over():
    state = State(failed={of("quantize", seed=1)})
    listed = [of("quantize"), of("prune > quantize")]
    assert {str(one) for one in missing(state, listed, left=9.0)} == {"prune > quantize"}


def test_rankings_are_compared_over_what_was_measured_on_few_rows_and_on_all():
    texts = ("", "prune", "distill", "quantize", "prune > quantize")
    state = State()
    for text in texts[:4]:
        for rows in (700, None):
            pipeline = of(text, train_examples=rows)
            state.explored[pipeline] = a_point(pipeline, shift=-3.0 * (rows == 700))
    assert ranking((700, None), state) == (pytest.approx(1.0), 4)
    assert ranking((None,), state) is None
    del state.explored[of("prune")]
    assert ranking((700, None), state) is None
