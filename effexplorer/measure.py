"""Measurement: what a model scores and what it costs, on disk, in arithmetic and on the clock."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from effexplorer import limits
from effexplorer.models.checkpoint import WEIGHTS
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.formats import Int8Embedding, Int8Linear, PackedWeight
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.tasks import metrics
from effexplorer.tasks.encoded import EncodedTask, Examples

BATCH = 64
LATENCY_THREADS = 1  # int8 at batch 1 is fastest with one, and one is least disturbed by others


def measure(model: SlimBertForSequenceClassification, task: EncodedTask) -> dict:
    """Return the measured fields of a ``Stage`` for a finished ``model``.

    Scores are percent on the whole validation split; the record's docstring gives the units.
    """
    logits = predict(model, task.validation)
    scores = metrics.score(task.spec, predictions(logits), task.validation.labels)
    low, high = metrics.interval(task.spec, predictions(logits), task.validation.labels)
    counts = [(weight.numel(), int((weight != 0).sum()), bits) for weight, bits in weights(model)]
    median, slow = latency(model, task.validation)
    return {
        "score": next(iter(scores.values())),
        "score_low": low,
        "score_high": high,
        "metrics": scores,
        "layers": len(model.layers),
        "parameters": sum(every for every, _, _ in counts),
        "nonzero": sum(nonzero for _, nonzero, _ in counts),
        "bytes": bytes_on_disk(model),
        "ideal_bytes": sum(nonzero * bits for _, nonzero, bits in counts) // 8,
        "macs": macs(model.config, task.outputs, float(task.validation.lengths.mean())),
        "latency_ms": median,
        "latency_p95_ms": slow,
        "threads": LATENCY_THREADS,
    }


@torch.inference_mode()
def predict(model: SlimBertForSequenceClassification, examples: Examples) -> np.ndarray:
    """Return the logits ``(examples, outputs)`` in the examples' order."""
    model.eval()
    logits = np.zeros((len(examples), model.classifier.out_features), dtype=np.float32)
    for batch in examples.in_order_of_length(BATCH):
        answer = model(batch.ids, batch.mask, batch.token_types).logits
        logits[batch.rows] = answer.numpy()
    return logits


def predictions(logits: np.ndarray) -> np.ndarray:
    """Return the class of each row of ``(examples, outputs)``, or the number itself."""
    return logits[:, 0] if logits.shape[1] == 1 else logits.argmax(1)


def weights(model: SlimBertForSequenceClassification) -> Iterator[tuple[Tensor, int]]:
    """Yield every weight tensor with the bits of one weight; scales are not weights."""
    for module in model.modules():
        if isinstance(module, PackedWeight):
            yield module.dense(), module.bits
        elif isinstance(module, (Int8Linear, Int8Embedding)):
            yield module.weight, 8
    for parameter in model.parameters():
        yield parameter, 32


def bytes_on_disk(model: SlimBertForSequenceClassification) -> int:
    """Return the size of the weight file as ``save_pretrained`` writes it."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return (Path(folder) / WEIGHTS).stat().st_size


def macs(config: SlimBertConfig, outputs: int, tokens: float) -> int:
    """Return the multiply-accumulates of one sentence of ``tokens`` word pieces.

    Matrix products of the layers, attention and classifier; look-ups, norms and activations are
    not counted, nor is the padding of attention to whole vector registers. A pruned matrix counts
    whole, since it is multiplied whole.
    """
    width, total = config.hidden_size, 0.0
    for heads, ffn in zip(config.heads, config.ffn, strict=True):
        inner = heads * config.head_size
        total += tokens * (4 * width * inner + 2 * width * ffn) + 2 * tokens**2 * inner
    pooler = width * width if config.pooling == "cls" else 0
    return round(total + pooler + width * outputs)


@torch.inference_mode()
def latency(model: SlimBertForSequenceClassification, examples: Examples) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds at batch 1 on ``LATENCY_THREADS`` threads.

    Timed on examples spread evenly over the validation split, each at its own length.
    """
    rows = np.linspace(0, len(examples) - 1, limits.LATENCY_SENTENCES).astype(int)
    batches = [examples.batch(np.array([row])) for row in rows]
    threads = torch.get_num_threads()
    torch.set_num_threads(LATENCY_THREADS)
    try:
        model.eval()
        for batch in batches[:10]:
            model(batch.ids, batch.mask, batch.token_types)
        times = []
        for batch in batches:
            start = time.perf_counter()
            model(batch.ids, batch.mask, batch.token_types)
            times.append(1000 * (time.perf_counter() - start))
    finally:
        torch.set_num_threads(threads)
    return float(np.median(times)), float(np.quantile(times, 0.95))
