"""The page of one run: what it reached, where it comes from, how to repeat it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from effexplorer import units
from effexplorer.analysis.training_alone import training_alone
from effexplorer.errors import UserError
from effexplorer.exits.operating import KEEP
from effexplorer.exports.export import FORMATS
from effexplorer.exports.source import model_folder
from effexplorer.figures import mark
from effexplorer.inference.saved_models import models_of
from effexplorer.records.reproduce import command, python
from effexplorer.records.schema import COSTS, ENGINES, Record, Stage
from effexplorer.records.store import HERE, Run
from effexplorer.tasks.registry import all_tasks
from effexplorer.tasks.scores import score_words
from effexplorer.tasks.spec import TASKS
from effexplorer.ui.shared.messages import RunPage, StageRow, Tile
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.prediction import missed


class RunPanel(Panel):
    """The opened run. Its script tells ``build_run``."""

    script = "shared/run_page"
    parts = ("shared/form", "shared/terms", "shared/tile", "shared/export")


def run_page(run: Run, runs: Sequence[Run] = ()) -> RunPage:
    """Return everything that the page of ``run`` shows, as texts in plain JSON values.

    ``runs`` are all finished ones; with them it tells what could be predicted of this one, and how
    much training alone would have changed.
    """
    record = run.record
    alone = training_alone(record, [other.record for other in runs])
    task = TASKS[record.task].title.partition(":")[0] if record.task in TASKS else record.task
    return {
        "id": record.id,
        "letters": record.letters,
        "mark": dataclasses.asdict(mark(record.letters, open=run.source == HERE)),
        "subtitle": f"{record.model} on {task}",
        "steps": record.steps or "fine-tuned, nothing compressed",
        "source": "measured here" if run.source == HERE else "shipped",
        "tiles": _tiles(record),
        "training": alone.sentence if alone else None,
        "missed": missed(record, runs) if runs else None,
        "stages": [_stage_row(stage) for stage in record.stages],
        "exits": _exits(record),
        "answers": bool(models_of([run])),
        "export": _export(run),
        "provenance": _provenance(run),
        "command": command(record),
        "python": python(record),
        "pipeline": record.pipeline,
    }


def _tiles(record: Record) -> list[Tile]:
    dense, last = record.stages[0], record.final
    alone = len(record.stages) == 1
    gained = last.score - dense.score
    score: Tile = {
        "label": score_words(record.score_name),
        "value": units.percent(last.score),
        "note": f"95 % interval {last.score_low:.1f} to {last.score_high:.1f}",
        "change": None if alone else f"{units.points(gained)}",
        "rises": gained > 0,
        "better": None if alone or abs(gained) < 0.05 else gained > 0,
    }
    return [score] + [_cost_tile(axis, title, dense, last, alone) for axis, title in COSTS.items()]


def _cost_tile(axis: str, title: str, dense: Stage, last: Stage, alone: bool) -> Tile:
    before, after = dense.cost(axis), last.cost(axis)
    notes = {
        "bytes": f"ideal {units.megabytes(last.ideal_bytes)}",
        "parameters": f"{units.count(last.nonzero)} not zero",
        "macs": f"{last.layers} layers" + (", full depth" if last.exits else ""),
        "latency": f"p95 {units.milliseconds(last.latency_p95_ms)}, batch 1, {_engine(last)}",
    }
    apart = axis == "latency" and dense.engine != last.engine  # of two engines: not comparable
    same = before == after or alone or not before
    words = {"bytes": ("smaller", "larger"), "latency": ("faster", "slower")}.get(
        axis, ("fewer", "more")
    )
    return {
        "label": title,
        "value": units.cost(axis, after),
        "note": notes[axis],
        "change": None
        if alone or apart
        else "as dense"
        if same
        else units.change(after / before, *words),
        "rises": after > before,
        "better": None if same or apart else after < before,
    }


def _stage_row(stage: Stage) -> StageRow:
    return {
        "letter": stage.letter,
        "step": stage.step,
        "cells": [
            units.percent(stage.score),
            *(units.cost(axis, stage.cost(axis)) for axis in COSTS),
            units.duration(stage.seconds),
        ],
    }


def _exits(record: Record) -> dict[str, Any] | None:
    """Return what each exit of a multi-exit end reaches, and the operating point, or None."""
    last, point = record.final, record.final.operating
    if not last.exits:
        return None
    return {
        "rows": [
            {
                "layer": f"layer {exit.layer}",
                "cells": [
                    units.percent(exit.score),
                    units.count(exit.macs),
                    f"{exit.temperature:.2f}",
                ],
                "share": exit.share,
                "leave": units.percent(exit.share),
            }
            for exit in last.exits
        ],
        "point": [
            ["Threshold", _threshold(record), ""],
            [
                "Score",
                units.percent(point["score"]),
                f"{point['score'] - last.score:+.1f} against full depth",
            ],
            ["Layers", f"{point['layers']:.1f}", f"of {last.layers}, mean"],
            [
                "MACs",
                units.count(point["macs"]),
                f"{100 * point['macs'] / last.macs:.0f} % of full depth",
            ],
        ],
        "words": _leaving(record),
    }


def _export(run: Run) -> dict[str, Any]:
    """Return the formats in which the model can be had, or why it cannot: it is not kept here."""
    try:
        model_folder(run)
    except UserError as error:
        return {"formats": [], "missing": str(error)}
    exits = bool(run.record.final.exits)
    return {"formats": [form for form in FORMATS if exits or form != "exits"], "missing": None}


def _threshold(record: Record) -> str:
    """Return the threshold: of confidence, or for regression of the step to the exit before."""
    if "threshold" not in record.final.operating:
        return "none"
    return f"{abs(record.final.operating['threshold']):.2f}"


def _leaving(record: Record) -> str:
    """Return in words when a sentence leaves, and on what that was decided."""
    count = record.data.get("held_out_examples")
    rows = f"{count:,} training rows" if count else "training rows"
    enough = f"{100 * KEEP:.0f} % of the full-depth score on {rows} held out of training"
    if "threshold" not in record.final.operating:
        return f"Every sentence goes through all layers: nothing cheaper kept {enough}."
    spec = all_tasks().get(record.task)
    regression = spec is not None and spec.regression
    ready = "differs from the one before by at most" if regression else "is as sure as"
    return (
        f"A sentence leaves at the first exit that {ready} the threshold. This is the cheapest "
        f"threshold that keeps {enough}; what it reaches was measured on the validation split."
    )


def _provenance(run: Run) -> list[list[str]]:
    record = run.record
    rows = [
        ["Measured", "on this machine" if run.source == HERE else "shipped with effexplorer"],
        ["Finished", record.created.replace("T", " ")[:16] + " UTC"],
        ["Seed", str(record.seed)],
        ["Latency", _timing(record.final)],
    ]
    for subject, facts in (("Data", record.data), ("Weights", record.weights)):
        rows += [[f"{subject}: {name.replace('_', ' ')}", _short(v)] for name, v in facts.items()]
    rows.append(["Machine", ", ".join(f"{k} {_short(v)}" for k, v in record.machine.items())])
    rows.append(["Versions", ", ".join(f"{name} {v}" for name, v in record.versions.items())])
    return [*rows, ["Commit", record.commit[:12] or "unknown"], ["Run", record.id]]


def _timing(stage: Stage) -> str:
    """Return what the latency was measured with, and whether int8 was slower than fp32 there."""
    threads = f"{stage.threads} thread{'' if stage.threads == 1 else 's'}"
    parts = [_engine(stage), threads]
    if stage.kernel:
        ratio = f"an int8 layer takes {stage.kernel_ratio:.2f} of fp32's time"
        parts += [stage.kernel, ratio + ", slower than fp32" * (stage.kernel_ratio > 1)]
    return ", ".join(parts)


def _engine(stage: Stage) -> str:
    return ENGINES.get(stage.engine, stage.engine)


def _short(value: Any) -> str:
    text = f"{value:,}" if type(value) is int else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
