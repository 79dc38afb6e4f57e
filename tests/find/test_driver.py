import pytest

from effexplorer.errors import Cancelled, UserError
from effexplorer.find.state import State
from effexplorer.pipeline import Pipeline
from tests.find.builders import RulePool, a_driver, a_request


def searched(request, pool, state=None, **changes):
    return list(a_driver(request, pool, state, **changes).events())


def kinds(events):
    return [event["kind"] for event in events]


def explored(events):
    return {event["steps"] for event in events if event["kind"] == "measured" and event["explored"]}


def answer(events):
    return events[-1]


def test_a_search_plans_explores_confirms_with_three_seeds_and_answers():
    pool = RulePool()
    events = searched(a_request(budget=1200.0, max_size=20e6), pool)
    assert kinds(events)[-1] == "answer" and "plan" in kinds(events)
    confirmed = [one for one, explored in pool.begun if not explored]
    assert len(confirmed) == 3 and len(set(confirmed)) == 1
    explored_last = max(at for at, (_, explored) in enumerate(pool.begun) if explored)
    assert explored_last < min(at for at, (_, explored) in enumerate(pool.begun) if not explored)
    assert answer(events)["keeps"] and answer(events)["best"]["steps"] == confirmed[0]


def test_the_answer_keeps_to_the_limits():
    events = searched(a_request(budget=1200.0, max_size=20e6), RulePool())
    best = answer(events)["best"]
    assert best["costs"]["bytes"] <= 20e6
    operators = [step["operator"] for step in best["pipeline"]["steps"]]
    assert operators == ["prune", "quantize"]  # the least loss that is small enough


def test_with_a_score_to_keep_the_smallest_file_is_found():
    events = searched(a_request(budget=2400.0, lose_at_most=1.25), RulePool())
    best = answer(events)["best"]
    assert sorted(step["operator"] for step in best["pipeline"]["steps"]) == ["prune", "quantize"]
    assert best["dense"] - best["score"] == pytest.approx(1.2)


def test_a_limit_that_nothing_keeps_is_told_with_the_nearest():
    events = searched(a_request(budget=1200.0, max_size=1e6), RulePool())
    assert not answer(events)["keeps"]
    assert answer(events)["text"].startswith("Nothing keeps to the limits; the nearest is")


def test_a_search_keeps_within_its_budget():
    events = searched(a_request(budget=600.0), RulePool())
    assert answer(events)["spent"] <= 600.0


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_no_stage_is_explored_twice_on_any_number_of_workers(workers):
    pool = RulePool(workers)
    events = searched(a_request(budget=1200.0), pool)
    measured = [event for event in events if event["kind"] == "measured" and event["explored"]]
    assert len(measured) == len(explored(events)) > 5


@pytest.mark.parametrize("stopped_after", [1, 4, 9, 20])
def test_a_search_that_was_interrupted_goes_on_and_trains_nothing_twice(stopped_after):
    request, pool = a_request(budget=1200.0), RulePool()
    events = a_driver(request, pool).events()
    kept = [event for event, _ in zip(events, range(stopped_after), strict=False)]
    later = RulePool()
    later.made, later.now = set(pool.made), 0.0
    resumed = searched(request, later, State.of(kept))
    known = explored(kept)
    assert not known & explored(resumed)
    assert answer(resumed)["best"] and answer(resumed)["spent"] >= kept[-1]["spent"]


def test_a_finished_search_answers_again_without_work():
    request, pool = a_request(budget=1200.0), RulePool()
    first = searched(request, pool)
    again = RulePool()
    second = searched(request, again, State.of(first))
    assert [one for one in again.begun if not one[1]] == []
    assert answer(second)["best"] == answer(first)["best"]


def test_a_run_that_fails_is_told_and_the_search_goes_on():
    pool = RulePool(failing=("quantize",))
    events = searched(a_request(budget=1200.0), pool)
    failed = [event for event in events if event["kind"] == "trial_failed"]
    assert len(failed) == 1 and "quantize failed: Why." in failed[0]["text"]
    assert answer(events)["best"]["steps"] != "quantize"


def test_every_choice_says_why():
    events = searched(a_request(budget=1200.0), RulePool())
    reasons = [event["text"] for event in events if event["kind"] == "chosen" and event["explored"]]
    assert reasons[0].startswith("The dense model")
    assert all("predicted" in text and "chance of" in text for text in reasons[2:])


def test_a_machine_that_nothing_tells_of_is_timed_on_few_rows_first():
    pool = RulePool()
    events = searched(a_request(budget=3600.0, task="sst2"), pool, rows=61_013)
    first = next(event for event in events if event["kind"] == "chosen")
    assert Pipeline.from_dict(first["pipeline"]).train_examples == 7_626
    assert kinds(events).index("plan") > kinds(events).index("finished")


def test_few_rows_come_first_where_all_are_dear_and_their_ranking_is_told():
    class DearPool(RulePool):
        def events(self, seconds):
            if self.running and self.running[0][1].pipeline.train_examples is None:
                self.now += 150.0
            return super().events(seconds)

    pool = DearPool()
    events = searched(a_request(budget=3600.0, examples=None, task="mrpc"), pool, rows=3_302)
    plan = next(event for event in events if event["kind"] == "plan")
    assert kinds(events)[-1] == "answer"
    assert plan["rungs"] in ([1651, None], [825, None], [None])


def test_a_search_that_is_asked_to_stop_does():
    seen = []
    driver = a_driver(a_request(budget=1200.0), RulePool(), cancelled=lambda: len(seen) > 6)
    with pytest.raises(Cancelled):
        for event in driver.events():
            seen.append(event)
    assert "answer" not in kinds(seen)


def test_a_budget_that_buys_nothing_is_refused():
    with pytest.raises(UserError, match="budget must be at least"):
        searched(a_request(budget=30.0), RulePool())
