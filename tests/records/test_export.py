import csv
import dataclasses
import io
import json

import pandas
import pytest

from effexplorer.records.export import to_csv, to_json
from effexplorer.records.files import read_record, write_record
from effexplorer.records.store import HERE, SHIPPED, Run
from tests.builders import a_record, some_exits


def lines(*runs):
    return list(csv.DictReader(io.StringIO(to_csv(runs))))


def test_every_stage_of_every_run_is_a_line():
    found = lines(Run(a_record("distill > quantize"), SHIPPED), Run(a_record(""), HERE))
    assert [(one["stage"], one["step"], one["source"]) for one in found] == [
        ("0", "dense", SHIPPED),
        ("1", "distill", SHIPPED),
        ("2", "quantize", SHIPPED),
        ("0", "dense", HERE),
    ]


def test_a_line_holds_what_its_stage_measured():
    record = a_record("prune", seed=3)
    table = pandas.read_csv(io.StringIO(to_csv([Run(record, HERE)])), dtype={"id": str})
    for stage, (_, line) in zip(record.stages, table.iterrows(), strict=True):
        for name in ("score", "bytes", "parameters", "macs", "latency_ms", "seconds"):
            assert line[name] == getattr(stage, name)
        assert (line["id"], line["seed"]) == (record.id, 3)


def test_metrics_and_the_operating_point_have_columns_of_their_own():
    record = a_record("exit", metrics={"f1": 88.0, "accuracy": 85.0}, **some_exits())
    dense, last = lines(Run(record, HERE))
    assert (dense["metric_f1"], last["metric_f1"], last["metric_accuracy"]) == ("", "88.0", "85.0")
    assert (dense["early_threshold"], last["early_threshold"]) == ("", "0.83")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_compute_begins_with_an_apostrophe(start):
    formula = f'{start}HYPERLINK("http://x","y")'
    (line, *_) = lines(Run(a_record("", model=formula), HERE))
    assert line["model"] == f"'{formula}"


def test_a_negative_number_stays_a_number():
    exits = some_exits()
    exits["operating"]["threshold"] = -0.4
    assert lines(Run(a_record("exit", **exits), HERE))[1]["early_threshold"] == "-0.4"


def test_no_run_at_all_is_a_heading():
    assert lines() == []


def test_json_holds_the_records_whole(tmp_path):
    runs = [Run(a_record("exit", **some_exits()), SHIPPED), Run(a_record("prune"), HERE)]
    for run, plain in zip(runs, json.loads(to_json(runs)), strict=True):
        assert plain.pop("source") == run.source
        path = tmp_path / f"{run.record.id}.json"
        path.write_text(json.dumps(plain))
        assert read_record(path) == run.record


def test_json_of_a_written_record_is_its_file(tmp_path):
    record = a_record("distill")
    path = write_record(record, tmp_path)
    (plain,) = json.loads(to_json([Run(record, HERE)]))
    assert plain == {"source": HERE} | json.loads(path.read_text())
    assert set(plain) == {"source", *(field.name for field in dataclasses.fields(record))}
