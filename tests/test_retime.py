"""Latencies that were measured on a busy machine are measured again, and nothing else changes."""

import dataclasses
import json
import sys

import pytest

from benchmarks import retime
from effexplorer import Pipeline, parse_steps, run
from effexplorer.records.files import read_record, write_record

SLOW = {"latency_ms": 1e6, "latency_p95_ms": 2e6}


def retimed(record, folder, monkeypatch, options=()):
    """Return ``record`` as the command leaves it, whose latencies were those of a busy machine."""
    slow = tuple(dataclasses.replace(stage, **SLOW) for stage in record.stages)
    path = write_record(dataclasses.replace(record, stages=slow), folder)
    monkeypatch.setattr(sys, "argv", ["retime", str(folder), *options])
    retime.main()
    assert [one.name for one in folder.iterdir()] == [path.name]
    return read_record(path)


def test_every_stage_has_a_new_latency_and_nothing_else_changes(
    local_tiny_model, tmp_path, monkeypatch
):
    record = run(Pipeline("tiny", "reviews", parse_steps("quantize"), train_examples=16, epochs=1))
    found = retimed(record, tmp_path / "runs", monkeypatch)
    assert all(0 < stage.latency_ms <= stage.latency_p95_ms < 1e6 for stage in found.stages)
    same = tuple(
        dataclasses.replace(new, latency_ms=old.latency_ms, latency_p95_ms=old.latency_p95_ms)
        for new, old in zip(found.stages, record.stages, strict=True)
    )
    assert dataclasses.replace(found, stages=same) == record


def test_a_run_whose_stages_are_gone_is_left_and_named(
    local_tiny_model, tmp_path, monkeypatch, capsys
):
    record = run(Pipeline("tiny", "reviews", train_examples=16, epochs=1))
    other = dataclasses.replace(record, data=record.data | {"fingerprint": "0" * 16})
    with pytest.raises(SystemExit, match="1 of 1 records were left as they are"):
        retimed(other, tmp_path / "runs", monkeypatch)
    found = read_record(tmp_path / "runs" / f"{record.id}.json")
    assert found.final.latency_ms == SLOW["latency_ms"]
    assert f"{record.id}, reviews, dense: left as it is" in capsys.readouterr().out


def test_a_stage_that_is_not_here_is_timed_by_its_shape_and_both_machines_are_named(
    local_tiny_model, tmp_path, monkeypatch
):
    record = run(Pipeline("tiny", "reviews", parse_steps("quantize"), train_examples=16, epochs=1))
    shape = {"heads": [2], "ffn": [16], "hidden_size": 16, "head_size": 8, "vocab_size": 99}
    known = {
        "shapes": {"a": shape, "b": shape | {"numeric": "int8"}},
        "stages": {record.id: ["a", "b"]},
    }
    (tmp_path / "shapes.json").write_text(json.dumps(known), "utf-8")
    machine = record.machine | {"processor": "Another", "gpu": "A GPU", "bf16": True}
    data = record.data | {"fingerprint": "0" * 16}  # so that the cache has no such stage
    elsewhere = dataclasses.replace(record, machine=machine, data=data)
    options = ["--shapes", str(tmp_path / "shapes.json")]
    found = retimed(elsewhere, tmp_path / "runs", monkeypatch, options)
    assert all(0 < stage.latency_ms < 1e6 for stage in found.stages)
    assert found.final.kernel and found.final.score == record.final.score
    assert found.machine["processor"] == record.machine["processor"]
    assert found.machine["gpu"] == "A GPU" and found.machine["trained_on"].startswith("Another, ")
