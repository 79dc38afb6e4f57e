import csv
import dataclasses
import io
import json
from collections import Counter

import pytest

from effexplorer import home
from effexplorer.operators import OPERATORS
from effexplorer.presets import GROUPS
from effexplorer.records.files import write_record
from effexplorer.records.schema import COSTS, EXPLORED
from tests.builders import a_record

FIELDS = {
    "id", "model", "task", "steps", "seed", "score", "bytes", "parameters", "macs", "latency_ms",
    "source",
}  # fmt: skip


@pytest.mark.parametrize("name", ["list", "front"])
def test_a_listing_as_json_has_the_promised_fields(command, three_runs, name):
    rows = json.loads(command(name, "--json")[1])
    assert rows and all(set(row) >= FIELDS for row in rows)


def test_list_says_where_each_run_was_measured(command, three_runs):
    rows = json.loads(command("list", "--json")[1])
    assert {row["id"]: row["source"] for row in rows} == dict(
        zip((run.id for run in three_runs), ("shipped", "here", "here"), strict=True)
    )


def test_list_shows_numbers_with_their_units(command, three_runs):
    lines = command("list")[1].splitlines()
    assert lines[0].split() == [
        "id", "task", "model", "seed", "score", "size", "parameters", "latency", "steps"
    ]  # fmt: skip
    dense = next(line for line in lines if line.endswith("dense"))
    assert "90.0 %" in dense and "90.9 MB" in dense and "22.7 M" in dense and "8.0 ms" in dense


def test_list_as_csv_has_a_line_for_every_stage(command, three_runs):
    code, out, _ = command("list", "--csv")
    lines = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    stages = {run.id: len(run.stages) for run in three_runs}
    assert Counter(line["id"] for line in lines) == stages


def test_list_prints_one_form_at_a_time(command, three_runs):
    code, out, err = command("list", "--csv", "--json")
    assert (code, out) == (2, "")
    assert err == "list: must print one of --csv and --json; got both.\n"


@pytest.mark.parametrize("name", ["list", "front"])
def test_explored_runs_are_shown_when_asked_for_and_then_alone(command, three_runs, name):
    explored = dataclasses.replace(a_record("trim", score=99.0), phase=EXPLORED, id="0123456789ab")
    write_record(explored, home.runs_folder())
    confirmed = {row["id"] for row in json.loads(command(name, "--json")[1])}
    assert explored.id not in confirmed
    (row,) = json.loads(command(name, "--json", "--explored")[1])
    assert row["id"] == explored.id


@pytest.mark.parametrize("name", ["list", "front"])
def test_an_empty_store_is_told(command, name):
    code, out, err = command(name)
    assert (code, out) == (0, "")
    assert "Start one with: effexplorer run" in err
    assert json.loads(command(name, "--json")[1]) == []


@pytest.mark.parametrize("name", ["list", "front"])
def test_files_that_are_not_records_are_named_on_stderr(command, three_runs, name):
    (home.runs_folder() / "broken.json").write_text("{")
    code, out, err = command(name, "--json")
    assert code == 0 and len(json.loads(out)) >= 2
    assert err.startswith("broken.json: not a run's record: ")


def test_each_task_has_a_front_of_its_own(command, three_runs):
    dense, _, other = three_runs
    assert [row["id"] for row in json.loads(command("front", "--json")[1])] == [other.id, dense.id]


def test_a_run_that_is_worse_and_larger_is_on_no_front(command, three_runs):
    dense, _, _ = three_runs
    rows = json.loads(command("front", "--task", "sst2", "--json")[1])
    assert [row["id"] for row in rows] == [dense.id]


def test_a_run_that_is_cheaper_on_the_asked_axis_is_on_its_front(command, three_runs):
    dense, worse, _ = three_runs
    rows = json.loads(command("front", "--task", "sst2", "--cost", "parameters", "--json")[1])
    assert [row["id"] for row in rows] == [dense.id]
    assert worse.final.latency_ms == dense.final.latency_ms


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_axis_has_a_front(command, three_runs, cost):
    assert command("front", "--cost", cost)[0] == 0


def test_a_front_tells_its_hypervolume(command, three_runs):
    dense, worse, _ = three_runs
    line = next(each for each in command("front")[1].splitlines() if each.startswith("sst2: "))
    covered = dense.final.score * (1 - dense.final.bytes / worse.final.bytes)
    assert line == (
        f"sst2: 1 of 2 runs on the front; hypervolume {covered:.1f} % of the plane up to the "
        "dearest run."
    )


def test_a_front_of_another_model_is_empty(command, three_runs):
    assert json.loads(command("front", "--model", "bert-tiny", "--json")[1]) == []


def test_operators_as_json_tell_every_knob_with_its_bounds(command):
    rows = json.loads(command("operators", "--json")[1])
    assert [row["name"] for row in rows] == list(OPERATORS)
    for row in rows:
        assert set(row) == {"name", "letter", "summary", "source", "page", "knobs"}
        for knob in row["knobs"]:
            assert knob["help"] and (knob["choices"] or knob["low"] < knob["high"])


def test_operators_show_every_knob_with_its_help(command):
    out = command("operators")[1]
    for operator in OPERATORS.values():
        assert f"{operator.name} ({operator.letter})" in out
        assert all(knob.help in out for knob in operator.knobs())


def test_presets_as_json_tell_names_steps_and_source(command):
    rows = json.loads(command("presets", "--json")[1])
    (exits,) = [row for row in rows if row["name"] == "s4-exits-first"]
    assert exits["steps"] == "exit > slenderize"
    assert "2210.15523" in exits["source"]


def test_presets_are_all_listed(command):
    out = command("presets")[1]
    for group in GROUPS:
        assert group.source in out
        assert all(f"{preset.name} " in out for preset in group.presets)
