"""Add your data: what the server takes from a browser, tells of it, and makes of it."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from effexplorer import home, limits
from effexplorer.errors import UserError
from effexplorer.tasks.own import find_own, list_own
from effexplorer.ui.server.clients import Clients
from effexplorer.ui.server.upload_routes import upload_routes
from effexplorer.ui.server.uploads import OFF, PATH, Uploads
from effexplorer.ui.shared.visibility import COOKIE
from tests.own_data import lines, own_task

GOOD = "text,label\n" + lines()
OWNER, OTHER = "a" * 32, "b" * 32


def client(*, local=True, allowed=True, owner=""):
    app = Starlette(
        routes=upload_routes(allowed=allowed), middleware=[Middleware(Clients, local=local)]
    )
    cookies = {COOKIE: owner} if owner else None
    return TestClient(app, base_url="http://localhost", cookies=cookies)


def brought(page, text=GOOD, name="phones.csv"):
    return page.post(f"{PATH}/file", params={"name": name}, content=text).json()


def test_a_file_is_looked_at():
    found = brought(client())
    assert found["columns"] == ["text", "label"] and found["total"] == 60
    assert found["chosen"] == {"text": "text", "pair": "", "label": "label"}
    assert len(found["rows"]) == 10
    assert found["rows"][0] == ["a awful phone of kind 0", "negative"]
    assert [name for name, *_ in found["counts"]] == ["negative", "positive"]
    assert sum(found["parts"]) == 60 and found["problems"] == [] and found["metric"] == "accuracy"


def test_a_looked_at_file_becomes_a_task():
    page = client()
    found = brought(page)
    asked = {"file": found["file"], "task": "phones", "metric": "macro_f1", "max_length": 32}
    assert page.post(f"{PATH}/task", json=asked).json() == {"task": "phones"}
    own = find_own("phones")
    assert own.spec.metrics[0] == "macro_f1" and own.spec.max_length == 32
    assert own.source == "file phones.csv" and own.owner == ""
    assert not list(home.uploads_folder().iterdir())
    assert page.get(PATH).json()["tasks"] == ["phones"]
    assert page.post(f"{PATH}/remove", json={"task": "phones"}).json() == {"removed": "phones"}
    assert not list_own()


def test_columns_that_cannot_be_guessed_are_shown_to_choose_from():
    text = "a,b,c\n" + "".join(f"one two {row},three four {row},{row % 2}\n" for row in range(60))
    page = client()
    found = brought(page, text)
    assert "the text column must be named" in found["error"] and found["columns"] == ["a", "b", "c"]
    assert len(found["rows"]) == 10 and found["shown"] == ["a", "b", "c"]
    chosen = {"file": found["file"], "text": "a", "label": "c"}
    assert page.post(f"{PATH}/look", json=chosen).json()["parts"]


def test_every_bad_row_is_told_by_its_number_and_left_out_only_if_asked():
    page = client()
    found = brought(page, "text,label\n,positive\n" + lines() + "nothing said,\n")
    assert found["bad_rows"] == 2
    assert found["problems"][0] == "row 1: text must have a word; got nothing."
    assert found["problems"][1].startswith("row 62: label must be one of negative, positive;")
    asked = {"file": found["file"], "task": "phones"}
    refused = page.post(f"{PATH}/task", json=asked)
    assert "row 1" in refused.json()["error"]
    made = page.post(f"{PATH}/task", json=asked | {"skip_bad_rows": True})
    assert made.json() == {"task": "phones"}
    assert sum(find_own("phones").rows) == 60


def test_a_table_that_is_no_task_says_why_and_shows_its_rows():
    found = brought(client(), "text,label\n" + lines(classes=("fine",)))
    assert "error" in found and found["rows"] and "parts" not in found


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("phones.exe", GOOD, "must end in one of"),
        ("", GOOD, "must end in one of"),
        ("phones.csv", "", "must hold at least one row"),
        ("phones.parquet", GOOD, "must be a Parquet file"),
        ("phones.csv", "text,label\n\0\0", "binary"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(name, text, says):
    found = brought(client(), text, name)
    assert says in found["error"] and "Internal" not in found["error"]


def test_a_file_that_is_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr(limits, "MAX_UPLOAD_BYTES", 1024)
    found = brought(client())
    assert "must have at most" in found["error"] and "task add" in found["error"]
    assert not list(home.uploads_folder().iterdir())


def test_the_name_of_a_file_is_no_path():
    found = brought(client(), name="../../evil.csv")
    assert found["name"] == "evil.csv"
    assert [path.name for path in home.uploads_folder().iterdir()] == [found["file"]]


def test_a_server_without_uploads_takes_none_and_says_so():
    page = client(local=False, allowed=False, owner=OWNER)
    assert page.get(PATH).json()["refusal"] == OFF
    assert brought(page)["error"] == OFF
    for action in ("look", "task", "remove"):
        assert page.post(f"{PATH}/{action}", json={}).json()["error"] == OFF
    assert not home.uploads_folder().exists()


def test_a_file_and_its_task_are_those_of_the_browser_that_brought_it():
    routes = upload_routes(allowed=True)
    app = Starlette(routes=routes, middleware=[Middleware(Clients, local=False)])
    mine, other = (
        TestClient(app, base_url="http://localhost", cookies={COOKIE: token})
        for token in (OWNER, OTHER)
    )
    found = brought(mine)
    asked = {"file": found["file"], "task": "phones"}
    for action in ("look", "task"):
        refused = other.post(f"{PATH}/{action}", json=asked).json()["error"]
        assert refused == "own data: the file must still be here; got none. Choose it again."
    assert mine.post(f"{PATH}/task", json=asked).json() == {"task": "phones"}
    assert find_own("phones").owner == OWNER
    assert mine.get(PATH).json()["tasks"] == ["phones"] and other.get(PATH).json()["tasks"] == []
    assert "one that you added" in other.post(f"{PATH}/remove", json=asked).json()["error"]


def test_a_browser_without_a_cookie_is_refused_on_an_open_server():
    assert "cookies" in brought(client(local=False))["error"]


def test_a_browser_without_a_cookie_cannot_remove_what_the_servers_owner_added(tmp_path):
    own_task(tmp_path, "theirs")  # from the command line: it has no owner
    page = client(local=False)
    assert page.get(PATH).json()["tasks"] == []
    assert "error" in page.post(f"{PATH}/remove", json={"task": "theirs"}).json()
    assert client(local=False, owner=OWNER).get(PATH).json()["tasks"] == []
    assert find_own("theirs")


def test_who_finds_no_place_is_told_to_wait_and_holds_no_thread(monkeypatch):
    monkeypatch.setattr(limits, "MAX_UPLOADS_AT_ONCE", 1)
    uploads = Uploads(allowed=True)
    with uploads.place(), pytest.raises(UserError, match="must wait"), uploads.place():
        pass
    with uploads.place():
        pass


def test_a_page_of_another_site_brings_nothing():
    refused = client().post(f"{PATH}/file", content=GOOD, headers={"origin": "http://evil.example"})
    assert refused.status_code == 403


def test_a_browser_keeps_one_file_and_a_few_tasks():
    page = client(local=False, owner=OWNER)
    for row in range(limits.MAX_TASKS_PER_OWNER + 1):
        brought(page)
        found = brought(page)
        assert len(list(home.uploads_folder().iterdir())) == 1
        answer = page.post(f"{PATH}/task", json={"file": found["file"], "task": f"phones-{row}"})
    assert "Remove one first" in answer.json()["error"]


def test_the_oldest_files_leave_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(limits, "MAX_OPEN_UPLOADS", 2)
    page = client()
    first, *_ = [brought(page) for _ in range(3)]
    assert len(list(home.uploads_folder().iterdir())) == 2
    assert "error" in page.post(f"{PATH}/look", json={"file": first["file"]}).json()


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"task": 3}', '{"file": ["x"]}', '{"max_length": "long"}', '{"text": {}}'],
)
def test_odd_requests_are_answered_in_a_sentence(body):
    page = client()
    for action in ("look", "task", "remove"):
        error = page.post(f"{PATH}/{action}", content=body).json()["error"]
        assert error.endswith(".") and "Internal" not in error
