import dataclasses
import math

import pytest

from effexplorer.find.explorer import Explorer
from effexplorer.find.goal import Goal
from effexplorer.pipeline import Pipeline, parse_steps
from tests.find.builders import a_point, a_request

REQUEST = a_request()
BASE = REQUEST.pipeline


def of(text: str, rows: int | None = None) -> Pipeline:
    return dataclasses.replace(BASE, steps=parse_steps(text), train_examples=rows)


def explorer(goal=None, rungs=(None,)) -> Explorer:
    return Explorer(BASE, REQUEST.space, goal or Goal(), rungs)


def choose(known, *, goal=None, rungs=(None,), rung=None, **changes):
    ways = {"price": lambda one: 1.0, "cached": known.__contains__, "budget": math.inf}
    return explorer(goal, rungs).choose(rung, known, **ways | changes)


def points(*texts: str, rows=None) -> dict:
    return {of(text, rows): a_point(of(text, rows)) for text in texts}


def test_the_dense_model_comes_first_and_nothing_while_it_runs():
    choice = choose({})
    assert choice.pipeline == of("") and choice.forecast is None
    assert choose({}, running=[of("")]) is None


def test_the_operator_that_saves_most_for_its_price_comes_next():
    choice = choose(points(""))
    assert choice.pipeline.steps[0].name == "quantize" and choice.price == len(
        choice.pipeline.steps
    )
    assert 0 < choice.better < 1


def test_a_beginning_in_the_cache_costs_nothing():
    known = points("", "distill", "distill > prune")
    cheap = choose(known, price=lambda one: 1.0 if len(one.steps) == 3 else 1e6)
    assert cheap.pipeline.prefix(2) == of("distill > prune") and cheap.price == 1.0


def test_what_does_not_fit_the_budget_is_not_chosen():
    assert choose(points(""), budget=0.5) is None
    assert len(choose(points(""), budget=1.0).pipeline.steps) == 1


def test_what_failed_and_what_begins_with_it_is_left_out():
    skip = frozenset(of(text) for text in ("quantize", "quantize(mode=aware)", "distill"))
    choice = choose(points(""), skip=skip)
    first = choice.pipeline.prefix(1)
    assert first not in skip


def test_stages_in_progress_are_not_begun_again():
    known = points("")
    first = choose(known).pipeline
    running = [first.prefix(length) for length in range(1, len(first.steps) + 1)]
    second = choose(known, running=running).pipeline
    assert second.prefix(1) not in running


def test_under_a_limit_only_what_keeps_to_it_is_worth_a_trial():
    known = points("", "distill", "prune", "quantize", "distill > prune")
    choice = choose(known, goal=Goal(max_size=16e6))
    assert choice.forecast.costs["bytes"] < 16e6


def test_a_second_limit_makes_what_breaks_it_not_worth_a_trial():
    known = points("", "quantize", "distill")
    choice = choose(known, goal=Goal(max_size=80e6, max_macs=190e6))
    assert choice is None or choice.forecast.costs["macs"] < 1.05 * 190e6


def test_nothing_is_left_when_all_is_measured():
    small = a_request("Q")
    every = {dataclasses.replace(BASE, steps=one): None for one in small.space}
    known = {one: a_point(one) for one in every}
    found = Explorer(BASE, small.space, Goal(), (None,))
    ways = {"price": lambda one: 1.0, "cached": known.__contains__, "budget": math.inf}
    assert found.choose(None, known, **ways) is None


def test_few_rows_help_to_predict_what_all_give():
    cheap = points("", "prune", "distill", "quantize", rows=700)
    whole = points("")
    alone = explorer(rungs=(700, None)).forecasts(None, whole)
    both = explorer(rungs=(700, None)).forecasts(None, cheap | whole)
    at = explorer().place(of("prune").steps)
    assert both.scores.deviation[at] < 0.8 * alone.scores.deviation[at]
    assert both.scores.mean[at] == pytest.approx(89.0, abs=0.6)
