"""Latency of a model: one sentence at a time, with the engine that answers here."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from effexplorer import limits
from effexplorer.inference.engine import Engine, TorchEngine
from effexplorer.inference.int8_check import check_int8
from effexplorer.inference.onnx import OnnxEngine
from effexplorer.models.formats import PackedWeight
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.records.schema import Exit
from effexplorer.tasks.encoded import Examples

LATENCY_THREADS = 1  # int8 at batch 1 is fastest with one, and one is least disturbed by others


def latency(
    model: SlimBertForSequenceClassification,
    examples: Examples,
    *,
    measured: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the fields of a ``Stage`` that tell of latency, at batch 1 and full depth.

    Timed on examples spread evenly over ``examples``, each at its own length, with the engine that
    ``engine_of`` names. With ``measured``, the other fields of a stage with exits, ``operating`` is
    among those returned and has ``latency_ms`` too, as ``Timing.operating`` says.
    """
    timing = timed(model, examples)
    fields = timing.fields
    if measured and measured.get("exits"):
        fields = fields | {"operating": timing.operating(measured["exits"], measured["operating"])}
    return fields


@dataclass(frozen=True)
class Timing:
    """A stage's fields that tell of full depth, and the milliseconds to each exit, medians."""

    fields: dict[str, Any]
    to_exits: np.ndarray

    def operating(self, exits: Sequence[Exit], operating: Mapping[str, float]) -> dict[str, float]:
        """Return ``operating`` with ``latency_ms``: the time to each exit by who leaves there."""
        shares = [exit.share / 100 for exit in exits]
        return {**operating, "latency_ms": float(self.to_exits @ shares)}


def timed(model: SlimBertForSequenceClassification, examples: Examples) -> Timing:
    """Return how long ``model`` takes for one of ``examples``; see ``latency``."""
    name = engine_of(model)
    threads = torch.get_num_threads()
    torch.set_num_threads(LATENCY_THREADS)
    try:
        if name == "onnx":
            onnx = OnnxEngine(model, threads=LATENCY_THREADS)
            times = _timed(onnx, examples)
            used = onnx.threads
        else:
            times = _timed(TorchEngine(model), examples)
            used = LATENCY_THREADS
    finally:
        torch.set_num_threads(threads)
    fields = {
        "engine": name,
        "latency_ms": float(np.median(times[:, -1])),
        "latency_p95_ms": float(np.quantile(times[:, -1], 0.95)),
        "threads": used,
    }
    if model.config.numeric == "int8":
        check = check_int8(name)
        fields |= {"kernel": check.kernel, "kernel_ratio": check.ratio}
    return Timing(fields, np.median(times, axis=0))


def engine_of(model: SlimBertForSequenceClassification) -> str:
    """Return the engine that would answer with a finished ``model``: ``onnx``, else ``torch``.

    ONNX Runtime is the faster one for every format, but a graph is one message of at most 2 GB.
    """
    stored = sum(value.nbytes for value in model.state_dict().values())
    packed = [module for module in model.modules() if isinstance(module, PackedWeight)]
    stored += sum(4 * outputs * inputs for outputs, inputs in (matrix.size for matrix in packed))
    return "onnx" if stored < limits.MAX_GRAPH_BYTES else "torch"


def _timed(engine: Engine, examples: Examples) -> np.ndarray:
    """Return the milliseconds from a sentence's start to each exit, ``(sentences, exits)``."""
    rows = np.linspace(0, len(examples) - 1, limits.LATENCY_SENTENCES).astype(int)
    batches = [_arrays(examples, row) for row in rows]
    for batch in batches[:10]:
        _whole_way(engine, *batch)
    times = []
    for batch in batches:
        start = time.perf_counter()
        times.append([1000 * (passed - start) for passed in _whole_way(engine, *batch)])
    return np.array(times)


def _whole_way(
    engine: Engine, ids: np.ndarray, token_types: np.ndarray, lengths: np.ndarray
) -> list[float]:
    """Return the clock's seconds at each exit."""
    state, passed = engine.begin(ids, token_types, lengths), []
    for exit in range(len(engine.config.exit_layers)):
        state, _ = engine.advance(exit, state)
        passed.append(time.perf_counter())
    return passed


def _arrays(examples: Examples, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    batch = examples.batch(np.array([row]))
    ids = batch.ids.numpy()
    types = np.zeros_like(ids) if batch.token_types is None else batch.token_types.numpy()
    return ids, types, examples.lengths[[row]].astype(np.int32)
