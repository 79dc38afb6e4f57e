import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from effexplorer.errors import UserError
from effexplorer.exports import transformers_folder
from effexplorer.exports.export import plan, read_formats, write, write_zip
from tests.exports.builders import a_source, logits


def names(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


TOKENIZER = {"tokenizer.json", "tokenizer_config.json"}
COMMON = {"README.md", ".eval_results/sst2.yaml", *TOKENIZER}


def test_one_format_stands_in_the_folder_itself(tmp_path):
    write(plan(a_source(), ["hf"]), tmp_path / "out")
    assert names(tmp_path / "out") == COMMON | {"config.json", "model.safetensors"}


@pytest.mark.parametrize(("numeric", "file"), [("fp32", "model"), ("int8", "model_quantized")])
def test_onnx_files_lie_where_transformers_js_expects_them(numeric, file, tmp_path):
    write(plan(a_source(numeric), ["onnx"]), tmp_path / "out")
    assert names(tmp_path / "out") == COMMON | {"config.json", f"onnx/{file}.onnx"}


@pytest.mark.parametrize("numeric", ["fp32", "int8"])
def test_the_code_on_the_card_of_onnx_prints_the_logits(numeric, tmp_path):
    source = a_source(numeric)
    write(plan(source, ["onnx"]), tmp_path / "out")
    (code,) = re.findall(r"```python\n(.*?)```", (tmp_path / "out" / "README.md").read_text(), re.S)
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True)  # noqa: S603 - the card's own code
    assert done.returncode == 0, done.stderr[-2000:]
    printed = [float(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", done.stdout)]
    np.testing.assert_allclose(printed, logits(source, ["A text."])[0], atol=2e-2)


def test_several_formats_stand_side_by_side(tmp_path):
    made = plan(a_source(exits=True), ["hf", "onnx", "exits"])
    write(made, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"hf", "onnx", "exits"}
    assert "onnx/model.onnx" in names(tmp_path / "out" / "onnx")
    assert [note.partition(":")[0] for note in made.notes] == ["hf", "onnx"]


def test_a_card_tells_what_its_own_format_leaves_out(tmp_path):
    write(plan(a_source(exits=True), ["hf", "exits"]), tmp_path / "out")
    cards = [(tmp_path / "out" / one / "README.md").read_text() for one in ("hf", "exits")]
    assert ["exits are left out" in card for card in cards] == [True, False]


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    with pytest.raises(UserError, match=r"out: must be a new folder; got "):
        write(plan(a_source(), ["hf"]), tmp_path)


def test_an_export_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(source, folder):
        folder.mkdir(parents=True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transformers_folder, "write", full)
    with pytest.raises(UserError, match="No space left on device"):
        write(plan(a_source(), ["hf"]), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "tflite", "hf,pickle", ","])
def test_other_formats_are_refused(text):
    with pytest.raises(UserError, match=r"format: must be one of hf, onnx, exits; got "):
        read_formats(text)


def test_formats_are_read_in_their_order():
    assert read_formats("onnx, hf,onnx") == ("onnx", "hf")


def test_standard_operators_are_a_matter_of_onnx():
    with pytest.raises(UserError, match=r"format: must have onnx for standard operators; got hf"):
        plan(a_source(), ["hf"], standard=True)


def test_an_archive_holds_the_folder(tmp_path):
    write(plan(a_source(), ["hf"]), tmp_path / "out")
    write_zip(tmp_path / "out", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert set(archive.namelist()) == names(tmp_path / "out")
        assert archive.testzip() is None
