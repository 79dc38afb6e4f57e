"""Weights in one file, in shards, and as what a clone without Git LFS leaves of them."""

import json
import shutil

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.source import available, files, locate
from effexplorer.models.weight_files import INDEX, OLD, SAFE, has_weights, weight_files

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 9\n"


@pytest.fixture
def sharded(tmp_path, tiny_model_folder):
    """Return the tiny model's folder with its weights in shards."""
    folder = tmp_path / "sharded"
    shutil.copytree(tiny_model_folder, folder)
    (folder / SAFE).unlink()
    model = AutoModelForSequenceClassification.from_pretrained(tiny_model_folder)
    model.save_pretrained(folder, max_shard_size="40KB")
    return folder


def put_index(folder, weight_map) -> None:
    (folder / (SAFE + INDEX)).write_text(json.dumps({"weight_map": weight_map}), "utf-8")


def test_shards_give_the_same_model_as_one_file(sharded, tiny_model_folder):
    whole, parts = (import_checkpoint(one, labels=2) for one in (tiny_model_folder, sharded))
    for name, value in whole.state_dict().items():
        assert torch.equal(parts.state_dict()[name], value), name


def test_shards_count_as_weights_and_all_of_them_are_the_models_files(sharded):
    located = locate(find_model(str(sharded)))
    shards = sorted(sharded.glob("model-*.safetensors"))
    assert available(find_model(str(sharded))) is None
    assert len(shards) > 1 and set(files(located)) >= {sharded / (SAFE + INDEX), *shards}


def test_every_shard_counts_for_the_hash(sharded):
    before = locate(find_model(str(sharded))).sha256
    last = sorted(sharded.glob("model-*.safetensors"))[-1]
    last.write_bytes(last.read_bytes() + b" ")
    assert locate(find_model(str(sharded))).sha256 != before


def test_the_bound_holds_for_all_shards_together(sharded, monkeypatch):
    largest = max(path.stat().st_size for path in weight_files(sharded))
    monkeypatch.setattr(limits, "MAX_CHECKPOINT_BYTES", largest + 1)
    with pytest.raises(UserError, match="must have at most"):
        locate(find_model(str(sharded)))


def test_one_file_stands_before_shards(sharded):
    (sharded / SAFE).write_bytes(b"whole")
    assert weight_files(sharded) == [sharded / SAFE]


@pytest.mark.parametrize(
    "weight_map",
    [
        {"a": "../model.safetensors"},
        {"a": "/model.safetensors"},
        {"a": "gone.safetensors"},
        {"a": ""},
    ],
)
def test_an_index_names_files_beside_it(tmp_path, weight_map):
    put_index(tmp_path, weight_map)
    with pytest.raises(UserError, match=r"^model: model\.safetensors\.index\.json must name files"):
        weight_files(tmp_path)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"weight_map": ["a"]}', "[" * 100_000])
def test_an_index_that_is_another_file_is_one_sentence(tmp_path, body):
    (tmp_path / (SAFE + INDEX)).write_text(body, "utf-8")
    with pytest.raises(UserError, match="must map weights to files; got another"):
        weight_files(tmp_path)


@pytest.mark.parametrize("name", [SAFE, OLD])
def test_a_pointer_of_git_lfs_is_told_before_a_run(tmp_path, tiny_model_folder, name):
    folder = tmp_path / "cloned"
    shutil.copytree(tiny_model_folder, folder)
    (folder / SAFE).unlink()
    (folder / name).write_text(POINTER, "utf-8")
    said = available(find_model(str(folder)))
    assert said.startswith(f"model: {name} must hold weights; got a Git LFS pointer")


def test_a_folder_without_weights_has_none(tmp_path):
    assert weight_files(tmp_path) == [] and not has_weights(tmp_path)


def test_a_family_that_cannot_be_read_is_told_before_a_run(tmp_path, tiny_model_folder):
    folder = tmp_path / "modern"
    shutil.copytree(tiny_model_folder, folder)
    config = {"model_type": "modernbert", "num_hidden_layers": 4}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    said = available(find_model(str(folder)))
    assert "got modernbert, whose positions are rotations" in said
    with pytest.raises(UserError) as caught:
        locate(find_model(str(folder)))
    assert str(caught.value) == said
