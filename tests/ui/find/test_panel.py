import pytest

from effexplorer.errors import UserError
from effexplorer.find.space import LETTERS
from effexplorer.records.store import HERE, Run
from effexplorer.ui.find.panel import find_state, read_search, search_outlook
from tests.builders import a_record

ASKED = {
    "model": "minilm",
    "task": "reviews",
    "max_size": 20e6,
    "lose_at_most": 1,
    "aim": "score",
    "budget": 7200,
    "operators": "D,P,Q",
}


def runs(*steps):
    return [Run(a_record(step, task="reviews"), HERE) for step in steps]


def test_the_panel_offers_models_tasks_and_every_operator():
    state = find_state()
    assert "minilm" in dict(state["models"]) and "reviews" in dict(state["tasks"])
    assert [letter for letter, _ in state["operators"]] == list(LETTERS)


def test_what_a_browser_describes_is_read_as_a_search():
    request = read_search(ASKED)
    assert (request.goal.max_size, request.goal.lose_at_most, request.goal.aim) == (
        20e6,
        1,
        "score",
    )
    assert (request.budget, request.operators) == (7200, "D,P,Q")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "/etc"}, "model: must be one of"),
        ({"task": "chess"}, "task: must be one of"),
        ({"max_size": "20MB"}, "max-size must be a number; got 20MB"),
        ({"max_size": True}, "max-size must be a number; got True"),
        ({"max_size": None, "lose_at_most": None}, "must have a limit"),
        ({"budget": None}, "budget must be more than 0"),
        ({"operators": ""}, "operators: each must be one of"),
        ({"aim": "fame"}, "goal must be one of"),
        ({"train_examples": 1}, "train_examples must be between"),
    ],
)
def test_what_is_no_search_is_told(change, said):
    with pytest.raises(UserError, match=said):
        read_search(ASKED | change)


@pytest.mark.parametrize("plain", [None, [], "minilm", 3])
def test_what_is_no_description_is_told(plain):
    with pytest.raises(UserError, match="must be a search's description"):
        read_search(plain)


def test_the_plane_has_the_runs_of_the_model_and_task_and_their_dense_model():
    found = search_outlook(ASKED, [*runs("", "prune"), Run(a_record("trim"), HERE)])
    assert [point["steps"] for point in found["points"]] == ["", "prune"]
    assert found["dense"]["score"] == 90.0 and found["dense"]["costs"]["bytes"] == 90_900_000


def test_the_plan_tells_what_the_budget_buys():
    found = search_outlook(ASKED, runs("distill > prune > quantize"))
    assert found["problem"] == ""
    assert found["plan"].startswith("Wanted: the best score, at most 20.0 MB")


def test_without_a_run_the_speed_is_told_to_be_measured_first_and_the_size_is_known():
    found = search_outlook(ASKED, [])
    assert "measured first" in found["plan"]
    assert found["dense"]["score"] is None and found["dense"]["costs"]["bytes"] > 80e6


def test_a_budget_that_buys_nothing_is_told_as_the_problem():
    found = search_outlook(ASKED | {"budget": 20}, runs("distill > prune > quantize"))
    assert "budget must be at least" in found["problem"] and found["plan"] == ""
