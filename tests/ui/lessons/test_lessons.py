"""The lessons say what the shipped runs and models show."""

import re
from statistics import fmean
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from effexplorer.analysis.groups import group
from effexplorer.analysis.training_sets import data_of, training_sets
from effexplorer.inference.model import load_exits
from effexplorer.records.store import open_store
from effexplorer.ui.explore.plane import plane_state
from effexplorer.ui.explore.view import View
from effexplorer.ui.lessons.panel import CONTROLS, TABS, lessons, lessons_state
from effexplorer.ui.lessons.worksheet import worksheet_routes
from effexplorer.ui.orders.cards import cards, question
from effexplorer.ui.orders.choice import focused, read_choice

STEPS = [
    pytest.param(step, id=f"{number}.{place}")
    for number, lesson in enumerate(lessons(), 1)
    for place, step in enumerate(lesson["steps"], 1)
]
KEYS = {
    *("explore", "axis", "question", "bound", "seeds"),
    *("orders", "task", "model"),
    *("exits", "text", "threshold", "policy", "raw"),
}


def test_there_are_five_of_a_few_steps_each():
    assert len(lessons()) == 5
    assert all(3 <= len(one["steps"]) <= 5 for one in lessons())
    assert [id for id, _ in lessons_state()["tabs"]] == list(TABS)
    assert lessons_state()["controls"] == list(CONTROLS.items())


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_parts_and_a_link_to_something_that_is_shipped(step):
    assert step["say"].endswith((".", "'.")) and "?" in step["ask"] and step["answer"].endswith(".")
    show = step["show"]
    assert set(show) <= KEYS and dict(parse_qsl(urlencode(show))) == show
    runs = open_store().runs()
    if "explore" in show:
        assert plane_state(View(task=show["explore"]), runs)["rows"]
    elif "orders" in show:
        assert _asked(show)[1].orders(_asked(show)[0].operators)
    else:
        assert load_exits(show["exits"]).layers


def _asked(show):
    choice = {"task": show["task"], "model": show["model"]}
    choice["operators"] = re.split(" > ", show["orders"])
    return focused(read_choice(choice), group(run.record for run in open_store().runs()))


def test_order_matters_where_the_lesson_says_so():
    for step in lessons()[1]["steps"]:
        choice, among = _asked(step["show"])
        (first, *_) = cards(question(among, choice.operators, lambda order: {}))
        assert first["answer"] == "yes", first["sentence"]
    choice, among = _asked(lessons()[1]["steps"][0]["show"])
    (best, worst) = sorted(
        among.orders(choice.operators),
        key=lambda order: -sum(among.scores(order).values()),
    )
    assert best[0].startswith("distill") and worst[0].startswith("prune")
    assert min(among.scores(best).values()) > max(among.scores(worst).values())


def test_the_lesson_tells_which_orders_are_best():
    choice, among = _asked(lessons()[1]["steps"][2]["show"])
    ranked = sorted(
        among.orders(choice.operators), key=lambda order: -fmean(among.scores(order).values())
    )
    first = [order[0].partition("(")[0] for order in ranked]
    assert len(first) == 24 and first[:9].count("distill") == 6
    assert "prune" not in first[:10]


def test_seeds_are_as_far_apart_as_the_lesson_says():
    spans, runs = [], [run for run in open_store().runs() if run.record.task == "sst2"]
    shown = training_sets(runs)[0].fingerprint
    for one in group(run.record for run in runs if data_of(run) == shown):
        rows = [seeds for seeds in one.runs.values() if len(seeds) > 2]
        scores = [[run.final.score for run in seeds.values()] for seeds in rows]
        spans += [max(values) - min(values) for values in scores]
    assert (round(min(spans), 1), round(max(spans), 1)) == (0.1, 1.7)


def test_sentences_leave_where_the_lesson_says_so():
    model = load_exits("sentiment")
    easy, turned, trap = (step["show"]["text"] for step in lessons()[2]["steps"])
    assert model.layers[0] == 0
    assert (model(easy).exit, model(easy).label) == (0, "positive")
    answer = model(turned, all_exits=True)
    assert answer.exit == len(model.layers) - 1
    assert answer.labels[0] == "negative" and answer.label == "positive"
    assert (model(trap).exit, model(trap).label) == (0, "negative")
    assert model(trap, policy="full").label == "positive"


def test_a_worksheet_has_every_question_and_its_answer():
    client = TestClient(Starlette(routes=worksheet_routes()))
    for number, lesson in enumerate(lessons(), 1):
        text = client.get(f"/lessons/{number}").text
        assert text.count('class="room"') == len(lesson["steps"])
        assert text.count("<blockquote>") == sum("text" in one["show"] for one in lesson["steps"])
        assert "<!--" not in text and lesson["title"] in text.replace("&#x27;", "'")
    assert client.get("/lessons/6").status_code == client.get("/lessons/0").status_code == 404
