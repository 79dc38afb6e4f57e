import shlex

import pytest

from effexplorer import cli, home, limits, runner
from effexplorer.cli.parser import read_arguments
from effexplorer.errors import UserError
from effexplorer.exports.source import find_run, model_folder, open_source
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import write_record
from tests.builders import a_record


@pytest.fixture
def run_here(local_tiny_model, monkeypatch):
    """Give a run of the tiny model that was measured here, with exits and in int8."""
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)
    pipeline = Pipeline("tiny", "reviews", parse_steps("exit > quantize"), 0, 40, 0.5)
    return runner.run(pipeline)


def test_a_run_is_opened_with_its_model(run_here):
    source = open_source(find_run(run_here.id))
    assert source.record == run_here
    assert source.model.config.numeric == "int8" and source.model.config.exits
    assert source.table is not None
    assert source.max_length == source.spec.max_length


def test_a_shipped_model_is_found_by_its_name():
    assert find_run("sst2").record.task == "sst2"


@pytest.mark.parametrize("name", ["0123456789ab", "../x", ""])
def test_what_is_no_run_is_told(name):
    with pytest.raises(UserError, match=r"run: must be the id of a finished run; got "):
        find_run(name)


def test_a_model_that_is_not_kept_is_told_with_the_command_that_makes_it():
    record = a_record("prune > quantize")
    write_record(record, home.runs_folder())
    with pytest.raises(UserError) as caught:
        model_folder(find_run(record.id))
    said = str(caught.value)
    assert said.startswith(f"{record.id}: its model must be at hand; got a record alone")
    words = shlex.split(said.partition("python -m effexplorer ")[2])
    options = read_arguments(words)
    assert (options.steps, str(options.out)) == (record.steps, "again")


def test_a_model_that_is_damaged_is_told(run_here):
    folder = model_folder(find_run(run_here.id))
    (folder / "model.safetensors").write_bytes(b"short")
    with pytest.raises(UserError, match="must be "):
        open_source(find_run(run_here.id))


def test_the_command_writes_every_format(run_here, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["export", run_here.id, str(out), "--format", "hf,onnx,exits"]
    assert cli.main(arguments) == 0
    told = capsys.readouterr()
    assert told.out == f"Written: {out}\n"
    assert "hf: exits are left out" in told.err
    assert {path.name for path in out.iterdir()} == {"hf", "onnx", "exits"}
    assert cli.main(arguments) == 2
    assert "out: must be a new folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none", "out"], "run: must be the id of a finished run; got none."),
        (["none", "out", "--format", "x"], "format: must be one of hf, onnx, exits; got x."),
        (["none", "out", "--format", "hf,onnx", "--push", "a/b"], "push: must be of one format"),
    ],
)
def test_bad_input_is_told_in_a_sentence(arguments, said, capsys):
    assert cli.main(["export", *arguments]) == 2
    assert capsys.readouterr().err.startswith(said)
