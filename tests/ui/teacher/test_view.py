"""The teacher's view: the token, what it shows, and what it may do."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from effexplorer.jobs import JobQueue
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import open_store
from effexplorer.ui.teacher.view import TOKEN_HEADER, new_token, teacher_routes

TOKEN = "a-token-that-nobody-knows"  # noqa: S105 - of this test alone


@pytest.fixture
def queue(tmp_path):
    queue = JobQueue(tmp_path / "jobs", command=("false",), workers=0)
    for seed, owner in enumerate(("anna", "anna", "ben")):
        queue.submit(Pipeline("minilm", "reviews", parse_steps("quantize"), seed=900 + seed), owner)
    yield queue
    queue.close()


@pytest.fixture
def view(queue):
    return TestClient(Starlette(routes=teacher_routes(open_store(), queue, TOKEN)))


def look(view, token=TOKEN):
    return view.get("/teacher/queue", headers={TOKEN_HEADER: token})


def act(view, command, token=TOKEN):
    return view.post("/teacher/queue", json=command, headers={TOKEN_HEADER: token})


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_without_the_token_nothing_is_shown_or_done(view, queue, token):
    assert look(view, token).status_code == 403
    assert act(view, {"settings": {"paused": True}}, token).status_code == 403
    assert not queue.settings.paused


def test_tokens_differ():
    assert new_token() != new_token()


def test_the_queue_is_shown_without_the_browsers_tokens(view):
    answer = look(view)
    rows = answer.json()["jobs"]
    assert sorted(row["browser"] for row in rows) == ["browser 1", "browser 1", "browser 2"]
    assert all(row["state"] == "queued" and "on reviews" in row["pipeline"] for row in rows)
    assert "anna" not in answer.text


def test_any_run_can_be_cancelled(view, queue):
    id = look(view).json()["jobs"][0]["id"]
    assert act(view, {"cancel": id}).status_code == 200
    assert queue.find(id).cancelling or queue.find(id).finished


def test_the_bound_of_each_browser_and_the_pause_can_be_set(view, queue):
    answer = act(view, {"settings": {"paused": True, "per_owner": 2}})
    assert answer.json()["settings"] == {"paused": True, "per_owner": 2}
    assert queue.settings.paused and queue.settings.per_owner == 2


@pytest.mark.parametrize(
    "command",
    [
        None,
        [],
        {},
        {"cancel": 5},
        {"cancel": "../x"},
        {"settings": {"per_owner": -1}},
        {"settings": {"per_owner": 1.5}},
        {"settings": {"paused": "yes"}},
        {"settings": {"x": 1}},
    ],
)
def test_what_is_no_command_is_refused_in_a_sentence(view, command):
    answer = act(view, command)
    assert answer.status_code == 400
    assert "; got " in answer.json()["error"]


@pytest.mark.parametrize("body", ["", "{", "[" * 9_000, b"\xff"])
def test_a_command_that_is_no_json_is_refused_in_a_sentence(view, body):
    answer = view.post("/teacher/queue", content=body, headers={TOKEN_HEADER: TOKEN})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("command: must be JSON; got ")


def test_the_page_opens_without_the_token_and_holds_none(view):
    assert view.get("/teacher").status_code == 200
    assert TOKEN not in view.get("/teacher").text + view.get("/teacher/teacher.js").text
