"""The README's three lines, run as they stand there."""

import re
import shutil
from pathlib import Path

import pytest

from effexplorer import compress, limits
from effexplorer.errors import UserError
from effexplorer.records.schema import Record
from effexplorer.tasks.own import list_own
from tests.own_data import lines, table

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
EXAMPLE = next(
    block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "compress" in block
)
STEPS = "distill(layers=3) > quantize"


@pytest.fixture(autouse=True)
def here(tiny_model_folder, tmp_path, monkeypatch):
    """Stand in a folder with the checkpoint and the file of the example; measure coarsely."""
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)
    shutil.copytree(tiny_model_folder, tmp_path / "my-bert")
    table(tmp_path, "reviews.csv")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_makes_a_folder_that_transformers_reads(here, caplog):
    exec(EXAMPLE, {})  # noqa: S102 - the README's own lines
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= {
        path.name for path in (here / "out").iterdir()
    }
    assert "hf: it must be opened with trust_remote_code=True" in caplog.text


def test_a_file_becomes_a_task_once(here):
    first = compress("my-bert", data="reviews.csv", steps="", epochs=0.5)
    second = compress("my-bert", data="reviews.csv", steps="", epochs=0.5)
    assert isinstance(first, Record) and first.task == second.task == "my-reviews"
    table(here, "reviews.csv", "text,label\n" + lines(80))
    assert compress("my-bert", data="reviews.csv", steps="", epochs=0.5).task == "my-reviews-2"
    assert [own.spec.name for own in list_own()] == ["my-reviews", "my-reviews-2"]


def test_a_task_is_named_like_any_other(here):
    record = compress("my-bert", data="reviews", steps="", train_examples=16, epochs=0.5)
    assert (record.task, list_own()) == ("reviews", [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data": "none.csv"}, "none.csv: must be a file; got none."),
        ({"data": "none"}, "none: must end in one of .csv"),
        ({"steps": "melt"}, "steps: an operator must be one of"),
        ({"model": "none"}, "model: "),
    ],
)
def test_what_cannot_run_is_told_in_a_sentence(changes, said):
    with pytest.raises(UserError) as caught:
        compress(**{"model": "my-bert", "data": "reviews.csv", "steps": STEPS} | changes)
    assert str(caught.value).startswith(said)
