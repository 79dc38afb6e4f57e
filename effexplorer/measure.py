"""Measurement: what a model and each of its exits score, and what is measured of every stage."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from effexplorer.costs import bytes_on_disk, macs, weights
from effexplorer.exits.calibration import temperature
from effexplorer.exits.operating import cheapest_threshold
from effexplorer.exits.policies import AGREEMENT, CONFIDENCE, READINESS, leave
from effexplorer.exits.table import ExitTable
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.records.schema import Exit
from effexplorer.tasks import metrics
from effexplorer.tasks.encoded import EncodedTask, Examples
from effexplorer.tasks.scores import SCORES
from effexplorer.tasks.spec import TaskSpec
from effexplorer.training.device import on_device

BATCH = 64


def measure(
    model: SlimBertForSequenceClassification, task: EncodedTask, table: ExitTable
) -> dict[str, Any]:
    """Return the measured fields of a ``Stage`` for a finished ``model``, all but its latency.

    ``table`` is what ``exit_table`` made of the validation split. Scores are percent on all of it;
    the record's docstring gives the units.
    """
    answers = predictions(table.logits)  # (examples, exits)
    scores = metrics.score(task.spec, answers[:, -1], table.labels)
    low, high = metrics.interval(task.spec, answers[:, -1], table.labels)
    counts = [(weight.numel(), int((weight != 0).sum()), bits) for weight, bits in weights(model)]
    costs = macs(model.config, task.outputs, float(table.tokens.mean()))
    measured = {
        "score": next(iter(scores.values())),
        "score_low": low,
        "score_high": high,
        "metrics": scores,
        "layers": len(model.layers),
        "parameters": sum(every for every, _, _ in counts),
        "nonzero": sum(nonzero for _, nonzero, _ in counts),
        "bytes": bytes_on_disk(model),
        "ideal_bytes": sum(nonzero * bits for _, nonzero, bits in counts) // 8,
        "macs": round(costs[-1]),
    }
    return measured | (_measured_exits(task, table, costs) if model.config.exits else {})


def _measured_exits(task: EncodedTask, table: ExitTable, costs: np.ndarray) -> dict[str, Any]:
    answers, rows = predictions(table.logits), np.arange(len(table.labels))
    threshold = float(table.threshold)
    left = leave(readiness(task.spec, table), np.inf if np.isnan(threshold) else threshold)
    exits = tuple(
        Exit(
            layer=int(table.layers[exit]),
            score=main_score(task.spec, answers[:, exit], table.labels),
            macs=round(costs[exit]),
            temperature=float(table.temperatures[exit]),
            share=100 * float((left == exit).mean()),
        )
        for exit in range(len(table.layers))
    )
    operating = {
        "score": main_score(task.spec, answers[rows, left], table.labels),
        "macs": float(table.macs[rows, left].mean()),
        "layers": float(table.layers[left].mean()),
    }
    return {
        "exits": exits,
        "operating": operating | ({} if np.isnan(threshold) else {"threshold": threshold}),
    }


def exit_table(
    model: SlimBertForSequenceClassification, examples: Examples, tags: list[str] | None = None
) -> ExitTable:
    """Return what every exit of ``model`` says of every one of ``examples``.

    A model without exits before the last has a table of one exit.
    """
    config = model.config
    outputs = model.classifier.out_features
    lengths, place = np.unique(examples.lengths, return_inverse=True)
    costs = np.array([macs(config, outputs, float(length)) for length in lengths])
    exits = len(config.exit_layers)
    return ExitTable(
        logits=predict(model, examples),
        temperatures=np.array(config.temperatures or [1.0] * exits),
        macs=costs[place].astype(np.float32) if len(examples) else np.zeros((0, exits)),
        layers=np.array(config.exit_layers),
        labels=examples.labels,
        tokens=examples.lengths,
        tags=np.array(tags or [], dtype=str),
        threshold=np.array(np.nan if config.threshold is None else config.threshold),
    )


def calibrate(model: SlimBertForSequenceClassification, task: EncodedTask) -> None:
    """Set the temperatures of a multi-exit model's exits and its threshold, on ``task.held_out``.

    The threshold is the cheapest that keeps 99 % of the full-depth score there, as every surer one
    does. A model with one exit stays as it is.
    """
    if not model.config.exits:
        return
    model.config.temperatures, model.config.threshold = [], None
    if not len(task.held_out):
        return
    table = exit_table(model, task.held_out)
    temperatures = [temperature(logits, table.labels) for logits in table.logits.swapaxes(0, 1)]
    model.config.temperatures = temperatures
    table = dataclasses.replace(table, temperatures=np.array(temperatures))
    model.config.threshold = cheapest_threshold(
        readiness(task.spec, table),
        predictions(table.logits),
        table.macs,
        lambda answers: main_score(task.spec, answers, table.labels),
        steady=True,
    )


def readiness(spec: TaskSpec, table: ExitTable) -> np.ndarray:
    """Return the readiness ``(examples, exits)`` that a model's own threshold is meant for.

    Confidence, or for regression the agreement of consecutive exits.
    """
    if spec.regression:
        return READINESS[AGREEMENT](table.logits[..., 0])
    return READINESS[CONFIDENCE](table.probabilities())


def main_score(spec: TaskSpec, answers: np.ndarray, labels: np.ndarray) -> float:
    """Return the task's score in percent, the first of its metrics."""
    return 100 * float(SCORES[spec.metrics[0]](answers, labels))


def predict(model: SlimBertForSequenceClassification, examples: Examples) -> np.ndarray:
    """Return the logits ``(examples, exits, outputs)`` of every exit, in the examples' order.

    They are computed in fp32 on the training device.
    """
    model.eval()
    shape = (len(examples), len(model.config.exit_layers), model.classifier.out_features)
    logits = np.zeros(shape, dtype=np.float32)
    with on_device(model) as device, torch.inference_mode():
        for batch in examples.in_order_of_length(BATCH):
            batch = batch.to(device)
            states = model.hidden_states(batch.ids, batch.mask, batch.token_types)
            exits = model.exit_logits(states, batch.mask)
            logits[batch.rows] = torch.stack(exits, dim=1).cpu().numpy()
    return logits


def predictions(logits: np.ndarray) -> np.ndarray:
    """Return the class of each entry of ``(..., outputs)``, or the number itself."""
    return logits[..., 0] if logits.shape[-1] == 1 else logits.argmax(-1)
