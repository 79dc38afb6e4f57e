"""Measures the latencies of finished runs again, one stage after another, and nothing else.

For runs that were made while the machine did other work, as those of a sweep are: their scores and
sizes are what they are, but their latencies are those of a busy machine. Needs the stages in the
cache (``EFFEXPLORER_HOME``); run it when the machine does nothing else. A record is written anew as
a whole; one whose stages are not all there is left as it is, and named.
"""

import argparse
import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from effexplorer import home
from effexplorer.inference.latency import latency
from effexplorer.models.convert import finished
from effexplorer.records.files import read_record, write_record
from effexplorer.records.schema import Record
from effexplorer.runner.stage_cache import StageCache, record_keys
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import encode_task

Latency = dict[str, Any]  # fields of a stage


def main() -> None:
    """Read the arguments, measure each stage once, and write the records that have it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", type=Path, help="the records' folder")
    given = parser.parse_args()
    torch.set_num_threads(1)
    paths = sorted(given.runs.glob("*.json"))
    records = sorted(map(read_record, paths), key=lambda one: (one.task, one.seed, one.steps))
    seen: dict[str, Latency | None] = {}
    left = 0
    for place, record in enumerate(records, start=1):
        keys = record_keys(record)
        for key in keys:
            if key not in seen:
                seen[key] = _measured(key, record)
        found = [seen[key] for key in keys]
        said = f"{place} of {len(records)}: {record.id}, {record.task}, {record.steps or 'dense'}"
        if None in found:
            left += 1
            print(f"{said}: left as it is, a stage is not in the cache", flush=True)
            continue
        stages = [
            dataclasses.replace(stage, **fields)
            for stage, fields in zip(record.stages, found, strict=True)
        ]
        with tempfile.TemporaryDirectory(dir=given.runs) as draft:
            written = write_record(dataclasses.replace(record, stages=tuple(stages)), Path(draft))
            written.replace(given.runs / written.name)
        before, now = record.final.latency_ms, stages[-1].latency_ms
        print(f"{said}: {before:.2f} -> {now:.2f} ms", flush=True)
    if left:
        sys.exit(f"{left} of {len(records)} records were left as they are")


_tasks: dict[tuple, object] = {}


def _measured(key: str, record: Record) -> Latency | None:
    kept = StageCache(home.stages_folder()).find(key)
    model = kept.model() if kept else None
    if model is None:
        return None
    tokenizer = AutoTokenizer.from_pretrained(kept.folder)
    name = (record.task, record.pipeline["train_examples"], len(tokenizer))
    if name not in _tasks:
        data = load_task(record.task, train_examples=record.pipeline["train_examples"])
        _tasks.clear()
        _tasks[name] = encode_task(data, tokenizer)
    return latency(finished(model), _tasks[name].validation)


if __name__ == "__main__":
    main()
