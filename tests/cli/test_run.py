import io
import json
import re

import pytest

from effexplorer import home, runner
from effexplorer.cli.bar import open_bar
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import write_record
from tests.builders import a_record

ARGUMENTS = ("run", "--task", "sst2", "--steps", "prune", "--train-examples", "20000")


@pytest.fixture
def stand_in(monkeypatch):
    """Let the runner find nothing missing and write a made-up record; give what it was asked."""
    asked = []

    def run(pipeline, *, runs_folder, report):
        asked.append(pipeline)
        report({"kind": "plan", "stages": [{"step": "dense", "sentences": 4}]})
        report({"kind": "stage", "index": 0, "step": "dense"})
        report({"kind": "note", "text": "A note."})
        record = a_record(str(pipeline))
        write_record(record, runs_folder)
        return record

    monkeypatch.setattr(runner, "check", lambda pipeline: [])
    monkeypatch.setattr(runner, "run", run)
    return asked


def test_the_options_describe_the_pipeline(command, stand_in):
    command(*ARGUMENTS, "--seed", "3", "--epochs", "0.5", "--model", "bert-tiny")
    assert stand_in == [Pipeline("bert-tiny", "sst2", parse_steps("prune"), 3, 20_000, 0.5)]


def test_the_stages_are_shown_with_their_change_against_dense(command, stand_in):
    code, out, _ = command(*ARGUMENTS)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["stage", "dense", "prune"]
    assert "+0.0 points" in out and "-0.9 points" in out


def test_a_run_as_json_is_its_row(command, stand_in):
    row = json.loads(command(*ARGUMENTS, "--json")[1])
    assert (row["steps"], row["source"]) == ("prune", "here")


def test_the_record_stands_in_the_users_data_folder(command, stand_in):
    command(*ARGUMENTS)
    assert (home.runs_folder() / f"{stand_in[0].key}.json").exists()


def test_the_record_stands_in_the_folder_asked_for(command, stand_in, tmp_path):
    command(*ARGUMENTS, "--out", str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b" / f"{stand_in[0].key}.json").exists()


def test_a_run_that_is_recorded_is_shown_and_not_repeated(command, stand_in):
    first = command(*ARGUMENTS)[1]
    code, out, err = command(*ARGUMENTS)
    assert (code, out, len(stand_in)) == (0, first, 1)
    assert err.startswith("Already measured: ")


def test_what_the_machine_lacks_is_told_before_any_work(command, stand_in, monkeypatch):
    monkeypatch.setattr(runner, "check", lambda pipeline: ["model: gone.", "task: gone."])
    assert command(*ARGUMENTS) == (2, "", "model: gone.\ntask: gone.\n")
    assert stand_in == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_hold_the_record_is_told_before_any_work(
    command, stand_in, tmp_path, place
):
    (tmp_path / "file").touch()
    code, _, err = command(*ARGUMENTS, "--out", str(tmp_path / place))
    assert code == 2 and err.startswith("out: must be a folder")
    assert stand_in == []


def test_without_a_terminal_each_stage_and_note_is_a_line(command, stand_in):
    assert command(*ARGUMENTS)[2].splitlines()[1:3] == ["Stage 1 of 1: dense", "A note."]


def test_what_a_run_costs_is_told_before_it_starts(command, stand_in):
    line = command(*ARGUMENTS)[2].splitlines()[0]
    assert line == ("80,000 training rows (no run of minilm on sst2 is here to tell how long).")


def test_a_caution_is_told_before_a_run_starts(command, stand_in):
    steps = "prune > distill(student=bert-tiny)"
    lines = command("run", "--task", "sst2", "--steps", steps)[2].splitlines()
    assert lines[0].startswith("distill: bert-tiny starts from its own weights")
    assert lines[1].endswith("(a student of another model is not timed beforehand).")


def test_a_preset_stands_for_its_steps(command, stand_in):
    command("run", "--task", "sst2", "--preset", "s1-d-q-p-e")
    steps = parse_steps("distill > quantize(mode=aware) > prune > exit")
    assert stand_in == [Pipeline("minilm", "sst2", steps)]


def test_on_a_terminal_a_bar_counts_the_sentences(monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    with open_bar(terminal) as report:
        report({"kind": "plan", "stages": [{"step": "dense", "sentences": 40}]})
        report({"kind": "stage", "index": 0, "step": "dense"})
        progress = {"kind": "progress", "index": 0, "done": 20, "total": 40, "loss": 0.4}
        report(progress | {"detail": "candidate 2"})
        report({"kind": "measured", "index": 0, "stage": vars(a_record().final)})
    assert "20/40" in terminal.getvalue()
    assert re.search(r"dense: .*20/40 .*, candidate 2", terminal.getvalue())
    assert "dense: 90.0 %, 90.9 MB" in terminal.getvalue()
