"""A stage as it is measured: its model in the form in which it is saved, on the rows that count."""

from __future__ import annotations

import dataclasses

from effexplorer.exits.table import ExitTable
from effexplorer.inference.latency import latency
from effexplorer.measure import exit_table, measure
from effexplorer.models.convert import finished
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.operators import Operator
from effexplorer.records.schema import Stage
from effexplorer.runner.latency_lock import LatencyLock
from effexplorer.tasks.data import TaskData
from effexplorer.tasks.encoded import EncodedTask


def measured_stage(
    model: SlimBertForSequenceClassification,
    step: Operator | None,
    task: EncodedTask,
    data: TaskData,
    *,
    explored: bool,
    lock: LatencyLock,
    seconds: float,
    reused: bool,
) -> tuple[Stage, ExitTable]:
    """Return what is measured of ``model`` after ``step``, and what its exits said.

    ``explored`` measures on the held-out rows, and not on the validation split. Latency is measured
    while other runs stand still. ``seconds`` are what the step took.
    """
    model, tags = finished(model), data.validation.tags
    if explored:
        task = dataclasses.replace(task, validation=task.held_out)
        tags = data.held_out.tags
    table = exit_table(model, task.validation, tags)
    measured = measure(model, task, table)
    with lock.alone():
        timing = latency(model, task.validation, measured=measured)
    stage = Stage(
        step=str(step) if step else "dense",
        operator=step.name if step else "dense",
        letter=step.letter if step else "",
        seconds=seconds,
        reused=reused,
        **(measured | timing),
    )
    return stage, table
