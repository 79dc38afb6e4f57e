"""Latencies that were measured on a busy machine are measured again, and nothing else changes."""

import dataclasses
import sys

import pytest

from benchmarks import retime
from effexplorer import Pipeline, parse_steps, run
from effexplorer.records.files import read_record, write_record

SLOW = {"latency_ms": 1e6, "latency_p95_ms": 2e6}


def retimed(record, folder, monkeypatch):
    """Return ``record`` as the command leaves it, whose latencies were those of a busy machine."""
    slow = tuple(dataclasses.replace(stage, **SLOW) for stage in record.stages)
    path = write_record(dataclasses.replace(record, stages=slow), folder)
    monkeypatch.setattr(sys, "argv", ["retime", str(folder)])
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
