"""The control of a pipeline: the same training in the same steps, without the compression."""

from __future__ import annotations

import dataclasses

from effexplorer import limits
from effexplorer.operators import EarlyExit, FineTune
from effexplorer.operators.base import Operator
from effexplorer.pipeline import Pipeline
from effexplorer.tasks.registry import find_task


def control(pipeline: Pipeline) -> Pipeline:
    """Return the control of ``pipeline``: a finetune in the place of every step that trains.

    Each trains for as many epochs as the step that it stands for, the training of a search not
    counted. So orders of the same operators, with the same epochs each, share one control.
    """
    return dataclasses.replace(pipeline, steps=control_steps(pipeline))


def control_steps(pipeline: Pipeline) -> tuple[Operator, ...]:
    """Return the steps of ``control``; empty where nothing trains."""
    steps: list[Operator] = []
    for index, step in enumerate(pipeline.steps):
        if not step.trains or pipeline.epochs == step.epochs == 0:
            continue
        epochs = step.epochs
        if isinstance(step, EarlyExit) and step.catch_up == "yes":
            task = find_task(pipeline.task)
            dense = task.epochs if pipeline.epochs is None else pipeline.epochs
            epochs = step.passes(dense, pipeline.prefix(index).trained)
        while epochs > limits.MAX_EPOCHS:
            steps.append(FineTune(epochs=limits.MAX_EPOCHS))
            epochs -= limits.MAX_EPOCHS
        steps.append(FineTune(epochs=epochs))
    return tuple(steps)
