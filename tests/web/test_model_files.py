import hashlib
import json

import numpy as np
import onnx
import pytest
from transformers import AutoTokenizer

from effexplorer.costs import macs
from effexplorer.inference.model import load_exits
from effexplorer.inference.saved_models import find_exits
from effexplorer.web.model_files import MANIFEST, browser_files, frame
from tests.exit_runs import save_exit_run
from tests.inference.builders import saved_exits


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "model"
    saved_exits(folder, numeric="int8")
    return find_exits(folder)


def manifest_of(folder):
    return json.loads((folder / MANIFEST).read_text("utf-8"))


def test_every_file_is_what_the_manifest_says(saved):
    folder = browser_files(saved)
    manifest = manifest_of(folder)
    entries = [manifest["tokenizer"], *manifest["parts"]]
    assert len(manifest["parts"]) == len(saved.layers)
    for entry in entries:
        content = (folder / entry["name"]).read_bytes()
        assert len(content) == entry["bytes"]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]


def test_every_part_is_a_valid_graph(saved):
    folder = browser_files(saved)
    for part in manifest_of(folder)["parts"]:
        onnx.checker.check_model(onnx.load(folder / part["name"]))


def test_costs_are_those_of_the_engine(saved):
    manifest = manifest_of(browser_files(saved))
    model = load_exits(saved.folder)
    assert len(manifest["macs"]) == manifest["max_length"] == model.max_length
    config = model._engine.config
    expected = macs(config, config.num_labels, 7).round()
    np.testing.assert_array_equal(manifest["macs"][6], expected)


def test_files_are_made_once_for_one_content(saved):
    folder = browser_files(saved)
    made = (folder / MANIFEST).stat().st_mtime_ns
    assert browser_files(saved) == folder
    assert (folder / MANIFEST).stat().st_mtime_ns == made
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_another_content_has_other_files(saved, name):
    before = browser_files(saved)
    path = saved.folder / name
    saved_exits(saved.folder, numeric="int8", seed=1) if name.startswith("model") else (
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    )
    assert browser_files(saved) != before


def test_the_frame_of_a_pair_is_that_of_the_tokenizer(tiny_model_folder):
    tokenizer = AutoTokenizer.from_pretrained(tiny_model_folder)
    start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    assert frame(tokenizer, 1) == {
        "ids": [[start], [end]],
        "types": [[0], [0]],
        "text_types": [0],
    }
    assert frame(tokenizer, 2) == {
        "ids": [[start], [end], [end]],
        "types": [[0], [0], [1]],
        "text_types": [0, 1],
    }


def test_a_run_of_this_machine_has_files_too(tiny_model_folder):
    record = save_exit_run(tiny_model_folder)
    folder = browser_files(find_exits(record.id))
    assert manifest_of(folder)["name"] == record.id
