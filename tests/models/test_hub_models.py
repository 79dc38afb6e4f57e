"""Any model of the hub, against a stand-in of it on the loopback."""

import json

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.source import available, locate
from effexplorer.models.weight_files import OLD, SAFE
from effexplorer.pipeline import Pipeline
from tests.fake_hub import COMMIT, FakeHub, fill_cache, use_hub

NAME = "hub:org/mine@v1"


@pytest.fixture
def files(tiny_model_folder):
    return {path.name: path.read_bytes() for path in tiny_model_folder.iterdir()}


@pytest.fixture
def server(files, monkeypatch, tmp_path):
    """Return a hub with one repository, ``org/mine``; change ``files`` to change it."""
    with FakeHub({"org/mine": files}) as server:
        use_hub(monkeypatch, url=server.url, cache=tmp_path / "cache")
        yield server


def downloaded(server) -> set[str]:
    return {path.rpartition("/")[2] for path in server.asked if "/resolve/" in path}


def test_a_model_is_described_by_its_config_alone(server):
    spec = find_model(NAME)
    assert (spec.hub_id, spec.revision, spec.layers) == ("org/mine", "v1", 4)
    assert spec.labels == ("LABEL_0", "LABEL_1")
    assert downloaded(server) == {"config.json"}


def test_what_is_described_once_is_not_asked_for_again(server):
    find_model(NAME)
    asked = len(server.asked)
    find_model(NAME)
    assert len(server.asked) == asked


def test_without_a_revision_the_newest_is_taken(server):
    assert find_model("hub:org/mine").revision == "main"


def test_a_model_is_downloaded_and_read(server, files):
    located = locate(find_model(NAME))
    assert located.source == f"hub org/mine @ {COMMIT}"
    assert import_checkpoint(located.folder, labels=2).config.num_hidden_layers == 4
    assert {path.name for path in located.folder.iterdir()} <= files.keys()


def test_a_downloaded_model_needs_no_hub(server, monkeypatch, tmp_path):
    before = locate(find_model(NAME))
    use_hub(monkeypatch, cache=tmp_path / "cache")
    assert locate(find_model(NAME)) == before and available(find_model(NAME)) is None


def test_a_pipeline_can_name_it(server):
    assert Pipeline(NAME, "reviews").problems() == []
    assert Pipeline(NAME, "reviews", epochs=0).problems() == []


def test_the_files_are_listed_and_bounded_before_the_download(server, monkeypatch):
    spec = find_model(NAME)
    monkeypatch.setattr(limits, "MAX_CHECKPOINT_BYTES", 1000)
    with pytest.raises(UserError, match=r"^hub:org/mine@v1: .* at most 1,000 bytes together; the"):
        locate(spec)
    assert SAFE not in downloaded(server)


def test_other_files_of_the_repository_are_left_there(server, files):
    files |= {"model.onnx": b"x" * 99, "code.py": b"raise SystemExit", "rust_model.ot": b"y"}
    locate(find_model(NAME))
    assert not downloaded(server) & {"model.onnx", "code.py", "rust_model.ot"}


def test_too_many_files_are_refused(server, files, monkeypatch):
    monkeypatch.setattr(limits, "MAX_HUB_FILES", 3)
    with pytest.raises(UserError, match="org/mine must have at most 3 files; got more"):
        find_model(NAME)


def test_an_older_format_is_read_only_where_it_is_asked_for(server, files):
    files[OLD] = files.pop(SAFE)
    with pytest.raises(
        UserError, match=r"must hold model\.safetensors; got pytorch_model\.bin, .*"
    ):
        locate(find_model(NAME))
    assert OLD not in downloaded(server)
    assert (locate(find_model("hub-bin:org/mine@v1")).folder / OLD).is_file()
    with pytest.raises(UserError, match="hub-bin:org/mine@v1 reads it"):
        locate(find_model(NAME))


@pytest.mark.parametrize("change", [{"config.json": b"x" * 50}, {"config.json": b"[]"}])
def test_a_config_that_is_none_is_one_sentence(server, files, change):
    files |= change
    with pytest.raises(UserError, match=r"config\.json must"):
        find_model(NAME)


def test_a_repository_without_a_config_is_one_sentence(server, files):
    del files["config.json"]
    with pytest.raises(UserError, match=r"must hold a config\.json; got none"):
        find_model(NAME)


def test_a_config_above_the_bound_is_not_downloaded(server, files, monkeypatch):
    monkeypatch.setattr(limits, "MAX_RECORD_BYTES", 20)
    with pytest.raises(UserError, match=r"must hold a config\.json; got one of"):
        find_model(NAME)
    assert not downloaded(server)


def test_a_family_that_cannot_be_read_is_not_downloaded(server, files):
    files["config.json"] = json.dumps({"model_type": "modernbert"}).encode()
    with pytest.raises(UserError, match="got modernbert, whose positions are rotations"):
        find_model(NAME)
    assert downloaded(server) == {"config.json"}


def test_an_unknown_repository_is_one_sentence(server):
    with pytest.raises(UserError, match="org/other at revision main must be downloadable"):
        find_model("hub:org/other")


def test_without_a_hub_what_is_not_here_is_one_sentence(monkeypatch, tmp_path):
    use_hub(monkeypatch, cache=tmp_path)
    with pytest.raises(UserError, match="must be in the hub's cache; got no answer from"):
        find_model(NAME)
    (said,) = Pipeline(NAME, "reviews").problems()
    assert said.startswith(f"{NAME}: ")


@pytest.mark.parametrize(
    "name", ["hub:", "hub:mine", "hub:a/b/c", "hub:../x", "hub:a/b@c@d", "hub:a/ b"]
)
def test_a_name_of_another_form_is_one_sentence(name):
    with pytest.raises(UserError, match="must read like hub:org/name@revision; got hub:"):
        find_model(name)


def test_a_local_folder_never_stands_for_a_hub_model(monkeypatch, tmp_path, files):
    (tmp_path / "models" / "mine").mkdir(parents=True)
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "models"))
    use_hub(monkeypatch, cache=tmp_path / "cache")
    folder = fill_cache(tmp_path / "cache", "org/mine", COMMIT, files, ref="v1")
    assert locate(find_model(NAME)).folder == folder


def test_a_name_with_a_slash_that_is_no_folder_tells_how_the_hub_is_named():
    with pytest.raises(UserError, match="hub:org/name for one of the hub; got org/mine"):
        find_model("org/mine")
