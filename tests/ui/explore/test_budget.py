import json

import pytest

from effexplorer.records.store import HERE, SHIPPED, Run
from effexplorer.ui.explore.budget import asked
from effexplorer.ui.explore.view import View, filtered
from tests.builders import a_record, some_exits

STEPS = ("", "distill", "quantize", "distill > quantize", "distill > prune > quantize")
RUNS = [Run(a_record(steps), SHIPPED) for steps in STEPS]


def answer(question, bound=None, runs=RUNS, **options):
    return asked(View("sst2", question=question, bound=bound, **options), runs)


def brute(allowed, key):
    """Return the letters of the one run that is allowed and least by ``key``."""
    found = [run.record for run in RUNS if allowed(run.record.final)]
    return min(found, key=lambda record: key(record.final)).letters


@pytest.mark.parametrize("megabytes", [8, 13, 24, 48.2, 200])
def test_the_best_score_under_a_size(megabytes):
    best = brute(lambda last: last.bytes <= megabytes * 1e6, lambda last: -last.score)
    assert answer("best", megabytes)["letters"] == best


@pytest.mark.parametrize("score", [87, 88, 89, 90])
def test_the_smallest_above_a_score(score):
    assert answer("smallest", score)["letters"] == brute(
        lambda last: last.score >= score, lambda last: last.bytes
    )


@pytest.mark.parametrize(
    ("counted", "letters", "spent"), [("macs", "D", "105 M MACs"), ("latency", "Q", "4.0 ms")]
)
def test_the_cheapest_above_a_score_is_counted_as_asked(counted, letters, spent):
    found = answer("cheapest", 88.5, counted=counted)
    assert found["letters"] == letters
    assert spent in found["sentence"]


def test_the_answer_is_a_sentence_with_the_run_s_name_and_numbers():
    found = answer("best", 20)
    assert found["sentence"] == ("D>Q on minilm: 88.3 % (95 %: 86.3 to 90.3) with 12.5 MB, seed 0.")
    assert found["id"] == RUNS[3].record.id


def test_a_multi_exit_run_answers_for_full_depth():
    run = Run(a_record("exit", **some_exits()), HERE)
    assert "at full depth" in answer("best", 100, [run])["sentence"]


@pytest.mark.parametrize(
    ("question", "bound", "words"),
    [("best", 1, "under 1 MB"), ("smallest", 99.5, "above 99.5 %"), ("cheapest", 99, "above 99 %")],
)
def test_a_question_without_an_answer_says_so(question, bound, words):
    found = answer(question, bound)
    assert found["sentence"] == f"No run that passes the filters is {words}."
    assert (found["id"], found["mark"]) == ("", None)


@pytest.mark.parametrize("question", ["best", "smallest", "cheapest"])
def test_without_a_bound_one_is_asked_that_has_an_answer(question):
    assert answer(question)["id"]


def test_no_run_at_all_has_no_answer():
    assert answer("smallest", runs=[])["id"] == ""


def test_only_runs_that_pass_the_filters_answer():
    view = View("sst2", operators=("P",), question="best", bound=20)
    assert asked(view, filtered(view, RUNS))["letters"] == "D>P>Q"


def test_the_answer_is_plain_json():
    json.dumps(answer("best"), allow_nan=False)
