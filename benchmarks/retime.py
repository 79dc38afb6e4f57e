"""Measures the latencies of finished runs again, one stage after another, and nothing else.

For runs that were made while the machine did other work, as those of a sweep are: their scores and
sizes are what they are, but their latencies are those of a busy machine. Needs the stages in the
cache (``EFFEXPLORER_HOME``); run it when the machine does nothing else. A record is written anew as
a whole; one whose stages are not all there is left as it is, and named.

A stage that is not there, since another machine trained it, can be timed by its shape: the file
``benchmarks/study/shapes.json`` holds that of each stage that a GPU trained for the study, and a
model of this shape and number format with random weights stands for it, since how long an answer
takes depends on these and not on the values of the weights. The record then names both machines:
the one that it was timed on, and under ``trained_on`` the one that trained it.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from effexplorer import home
from effexplorer.inference.latency import Timing, timed
from effexplorer.models.catalog import find_model
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.convert import finished, to_numeric
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.models.source import locate
from effexplorer.pipeline import Pipeline
from effexplorer.records import provenance
from effexplorer.records.files import read_record, write_record
from effexplorer.records.schema import Record, Stage
from effexplorer.runner.stage_cache import StageCache, record_keys
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import Examples, encode_task
from effexplorer.training.loop import arithmetic

SHAPES = Path(__file__).parent / "study" / "shapes.json"
KEPT = ("gpu", "bf16")  # of the machine that trained a run, whatever it was timed on


def main() -> None:
    """Read the arguments, measure each stage once, and write the records that have it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", type=Path, help="the records' folder")
    parser.add_argument("--shapes", type=Path, default=SHAPES, help="shapes of stages not here")
    given = parser.parse_args()
    torch.set_num_threads(1)
    stand_ins = json.loads(given.shapes.read_text("utf-8"))
    paths = sorted(given.runs.glob("*.json"))
    records = sorted(
        map(read_record, paths), key=lambda record: (record.task, record.seed, record.steps)
    )
    seen: dict[str, Timing | None] = {}
    left = 0
    for place, record in enumerate(records, start=1):
        shapes = stand_ins["stages"].get(record.id, [""] * len(record.stages))
        keys = list(zip(record_keys(record), shapes, strict=True))
        said = f"{place} of {len(records)}: {record.id}, {record.task}, {record.steps or 'dense'}"
        timings, by_shape = [], False
        for length, (key, shape) in enumerate(keys):
            if key not in seen:
                seen[key] = _of_cache(key, record)
            timing = seen[key]
            if timing is None and shape:
                by_shape = True
                reader = Pipeline.from_dict(record.pipeline).prefix(length).models[-1]
                name = f"{shape} {record.task} {reader}"
                if name not in seen:
                    seen[name] = _of_shape(stand_ins["shapes"][shape], record, reader)
                timing = seen[name]
            timings.append(timing)
        measured = [timing for timing in timings if timing]
        if len(measured) < len(keys):
            left += 1
            print(f"{said}: left as it is, a stage is not in the cache", flush=True)
            continue
        stages = tuple(map(_retimed, record.stages, measured))
        machine = _machine(record) if by_shape else record.machine
        again = dataclasses.replace(record, stages=stages, machine=machine)
        with tempfile.TemporaryDirectory(dir=given.runs) as draft:
            written = write_record(again, Path(draft))
            written.replace(given.runs / written.name)
        before, now = record.final.latency_ms, stages[-1].latency_ms
        print(f"{said}: {before:.2f} -> {now:.2f} ms", flush=True)
    if left:
        sys.exit(f"{left} of {len(records)} records were left as they are")


def _retimed(stage: Stage, timing: Timing) -> Stage:
    fields = timing.fields
    if stage.exits:
        fields = fields | {"operating": timing.operating(stage.exits, stage.operating)}
    return dataclasses.replace(stage, **fields)


def _machine(record: Record) -> dict[str, Any]:
    """Return the machine that a record was timed on, and what of the one that trained it counts."""
    before = record.machine
    here = provenance.machine(1, **arithmetic())
    trained = before.get("trained_on") or ", ".join(
        str(before[name]) for name in ("processor", "processor_family", "gpu") if before.get(name)
    )
    kept = {name: before[name] for name in KEPT if name in before}
    return here | kept | {"trained_on": trained, "timed": "a model of the same shape"}


_tasks: dict[tuple[str, Any, int], Examples] = {}


def _validation(record: Record, tokenizer: Any) -> Examples:
    name = (record.task, record.pipeline["train_examples"], len(tokenizer))
    if name not in _tasks:
        data = load_task(record.task, train_examples=record.pipeline["train_examples"])
        _tasks.clear()
        _tasks[name] = encode_task(data, tokenizer).validation
    return _tasks[name]


def _of_cache(key: str, record: Record) -> Timing | None:
    kept = StageCache(home.stages_folder()).find(key)
    model = kept.model() if kept else None
    if kept is None or model is None:
        return None
    return timed(finished(model), _validation(record, AutoTokenizer.from_pretrained(kept.folder)))


def _of_shape(shape: dict[str, Any], record: Record, reader: str) -> Timing:
    """Time a model of ``shape`` with random weights, on texts as the model ``reader`` reads them.

    A trimmed vocabulary has others: ids are then taken modulo its size, and lengths stay.
    """
    torch.manual_seed(0)
    dense = SlimBertForSequenceClassification(SlimBertConfig(**shape | {"numeric": "fp32"})).eval()
    numeric = shape.get("numeric", "fp32")
    model = dense if numeric == "fp32" else to_numeric(dense, numeric).eval()
    tokenizer = AutoTokenizer.from_pretrained(locate(find_model(reader)).folder)
    examples, words = _validation(record, tokenizer), model.config.vocab_size
    ids = [[id % words for id in row] for row in examples.ids]
    return timed(model, dataclasses.replace(examples, ids=ids))


if __name__ == "__main__":
    main()
