import pytest

from effexplorer import cli
from effexplorer.errors import UserError
from effexplorer.exports.push import push
from tests.fake_hub import FakeHub, use_hub


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "export"
    (made / "onnx").mkdir(parents=True)
    (made / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    (made / "onnx" / "model.onnx").write_bytes(b"\x08\x0a weights")
    return made


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with FakeHub({}) as server:
        use_hub(monkeypatch, url=server.url)
        yield server


def test_a_folder_becomes_a_private_repository(hub, folder):
    assert push(folder, "me/model") == f"{hub.url}/me/model"
    assert hub.files["me/model"] == {
        "README.md": (folder / "README.md").read_bytes(),
        "onnx/model.onnx": b"\x08\x0a weights",
    }
    assert hub.created == {"me/model": "private"}
    assert set(hub.tokens) == {"Bearer hf_secret"}


def test_a_repository_that_is_there_is_written_again(hub, folder):
    push(folder, "me/model")
    (folder / "README.md").write_text("new")
    push(folder, "me/model")
    assert hub.files["me/model"]["README.md"] == b"new"


def test_a_hub_that_refuses_is_told(hub, folder):
    hub.refuses = True
    with pytest.raises(UserError, match=r"push: me/model must be writable .*; got 403"):
        push(folder, "me/model")


def test_a_hub_that_does_not_answer_is_told(monkeypatch, folder):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    use_hub(monkeypatch)
    with pytest.raises(UserError, match=r"push: the hub must be reachable; got "):
        push(folder, "me/model")


@pytest.mark.parametrize("name", ["model", "a/b/c", "", "a/b c"])
def test_a_name_that_is_none_is_told(hub, folder, name):
    with pytest.raises(UserError, match=r"push: must be OWNER/NAME; got "):
        push(folder, name)
    assert not hub.files


def test_without_a_token_nothing_is_asked(hub, folder, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.utils.get_token", lambda: None)
    with pytest.raises(UserError, match=r"push: must find a token of the hub"):
        push(folder, "me/model")
    assert not hub.asked


def test_no_option_takes_a_token(capsys):
    assert cli.main(["export", "--help"]) == 0
    assert "token" not in capsys.readouterr().out
