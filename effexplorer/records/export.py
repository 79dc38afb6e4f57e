"""Finished runs as files that other programs read: CSV with a line per stage, or JSON whole."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from effexplorer.errors import UserError, shown
from effexplorer.records.schema import Stage
from effexplorer.records.store import Run

_MEASURED = (
    "score",
    "score_low",
    "score_high",
    "layers",
    "parameters",
    "nonzero",
    "bytes",
    "ideal_bytes",
    "macs",
    "latency_ms",
    "latency_p95_ms",
    "threads",
    "engine",
    "kernel",
    "kernel_ratio",
    "seconds",
    "reused",
)
_OPERATING = ("threshold", "score", "macs", "layers", "latency_ms")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute a cell


def to_csv(runs: Sequence[Run]) -> str:
    """Return the runs as CSV text with a heading and one line for each stage of each run.

    Every metric has a column of its own. Text that a spreadsheet would take for a formula begins
    with an apostrophe.
    """
    names = sorted({name for run in runs for stage in run.record.stages for name in stage.metrics})
    lines = [_line(run, at, names) for run in runs for at in range(len(run.record.stages))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(lines[0] if lines else ["id"])
    writer.writerows([map(_cell, line.values()) for line in lines])
    return text.getvalue()


def to_json(runs: Sequence[Run]) -> str:
    """Return the runs as JSON text: a list of whole records, each with its ``source``."""
    whole = [{"source": run.source} | dataclasses.asdict(run.record) for run in runs]
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def to_file(runs: Sequence[Run], kind: Any) -> dict[str, str]:
    """Return ``name`` and ``text`` of a file of the runs; raises UserError for an unknown kind."""
    if not isinstance(kind, str) or kind not in FILES:
        raise UserError(f"file: must be one of {', '.join(FILES)}; got {shown(kind)}.")
    return {"name": f"effexplorer-runs.{kind}", "text": FILES[kind](runs)}


FILES: dict[str, Callable[[Sequence[Run]], str]] = {"csv": to_csv, "json": to_json}


def _line(run: Run, at: int, metrics: Sequence[str]) -> dict[str, Any]:
    """Return the cells of stage ``at`` by their heading."""
    record, stage = run.record, run.record.stages[at]
    plan = record.pipeline
    return {
        "id": record.id,
        "source": run.source,
        "created": record.created,
        "model": record.model,
        "task": record.task,
        "steps": record.steps,
        "seed": record.seed,
        "train_examples": record.data.get("train_examples"),
        "epochs": plan.get("epochs"),
        "data": record.data.get("fingerprint"),
        "stage": at,
        "stages": len(record.stages),
        "letter": stage.letter,
        "step": stage.step,
        "score_name": record.score_name,
        **{name: getattr(stage, name) for name in _MEASURED},
        **{f"metric_{name}": stage.metrics.get(name) for name in metrics},
        **_leaving(stage),
        "processor": record.machine.get("processor"),
        "commit": record.commit,
    }


def _leaving(stage: Stage) -> dict[str, Any]:
    """Return what a stage with exits reaches where its sentences leave early."""
    return {f"early_{name}": stage.operating.get(name) for name in _OPERATING}


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
