"""A run's model to download: the notes on a format, the zip, and what is left behind."""

import asyncio
import io
import tempfile
import zipfile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from effexplorer import home, limits
from effexplorer.records.files import write_record
from effexplorer.records.reproduce import command
from effexplorer.records.store import open_store
from effexplorer.ui.server import exports
from tests.builders import a_record
from tests.exports.builders import a_source


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give the folder in which temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def source(monkeypatch):
    """Give a finished run with exits whose model is at hand."""
    source = a_source(exits=True)
    write_record(source.record, home.runs_folder())
    monkeypatch.setattr(exports, "open_source", lambda run: source)
    return source


def app():
    return Starlette(routes=exports.export_routes(open_store()))


def get(path, **headers):
    return TestClient(app()).get(path, headers=headers)


def test_what_a_format_leaves_out_is_said_before(source):
    answer = get(f"/export/{source.record.id}/hf")
    assert answer.status_code == 200
    assert "hf: exits are left out, since the format has one head." in answer.json()["left_out"]


@pytest.mark.parametrize(
    ("form", "file"),
    [("hf", "model.safetensors"), ("onnx", "onnx/model.onnx"), ("exits", "exits.json")],
)
def test_a_zip_holds_the_model_and_is_removed_when_it_is_sent(source, folder, form, file):
    answer = get(f"/export/{source.record.id}/{form}.zip")
    assert answer.status_code == 200
    assert f'filename="{source.record.id}-{form}.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {file, "README.md", "tokenizer.json"} <= set(archive.namelist())
    assert list(folder.iterdir()) == []


def test_a_reader_who_goes_leaves_nothing_and_frees_the_place(source, folder, monkeypatch):
    monkeypatch.setattr(limits, "MAX_OPEN_EXPORTS", 1)
    made = app()
    path = f"/export/{source.record.id}/onnx.zip"
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    scope["asgi"] = {"spec_version": "2.4"}  # of this on, a server tells who is gone by an error

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.body":
            raise OSError("the client is gone")

    with pytest.raises(OSError, match="the client is gone"):
        asyncio.run(made(scope, receive, send))
    assert list(folder.iterdir()) == []
    assert TestClient(made).get(path).status_code == 200


@pytest.mark.parametrize("end", ["hf", "hf.zip"])
def test_a_model_that_is_not_kept_is_told_with_the_command_that_makes_it(end):
    record = a_record("prune > quantize")
    write_record(record, home.runs_folder())
    answer = get(f"/export/{record.id}/{end}")
    assert answer.status_code == 400
    assert command(record) in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("0123456789ab/hf.zip", "run: must be one of the finished runs"),
        ("x.y/hf", "run: must be"),
        ("0123456789ab/pickle.zip", "format: must be one of hf, onnx, exits; got pickle."),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(path, said):
    answer = get(f"/export/{path}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


def test_a_format_that_cannot_hold_the_model_is_told(source, monkeypatch):
    monkeypatch.setattr(exports, "open_source", lambda run: a_source())
    answer = get(f"/export/{source.record.id}/exits")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("exits: the run must end with a model that has exits")


def test_a_page_of_another_site_gets_nothing(source):
    answer = get(f"/export/{source.record.id}/hf.zip", **{"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_more_than_the_bound_at_once_are_refused(source, monkeypatch):
    monkeypatch.setattr(limits, "MAX_OPEN_EXPORTS", 0)
    answer = get(f"/export/{source.record.id}/hf.zip")
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("export: must wait")


def test_a_full_disk_is_told(source, folder, monkeypatch):
    def full(folder, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "write_zip", full)
    answer = get(f"/export/{source.record.id}/hf.zip")
    assert answer.json()["error"] == (
        "zip: must fit on the server's disk; got No space left on device."
    )
    assert list(folder.iterdir()) == []
