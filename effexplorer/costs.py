"""What a model costs: weights, bytes on disk, multiply-accumulates, and milliseconds."""

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
from effexplorer.tasks.encoded import Examples

LATENCY_THREADS = 1  # int8 at batch 1 is fastest with one, and one is least disturbed by others


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


def macs(config: SlimBertConfig, outputs: int, tokens: float) -> np.ndarray:
    """Return the multiply-accumulates ``(exits,)`` of one sentence up to each exit.

    Of a sentence of ``tokens`` word pieces: matrix products of a factorised or projected embedding,
    the layers,
    attention and every classifier on the way; look-ups, norms and activations are not counted, nor
    is the padding of attention to whole vector registers. A pruned matrix counts whole, since it is
    multiplied whole.
    """
    width, exits = config.hidden_size, []
    total = tokens * (config.rank * config.embedding_width + config.embedding_size * width)
    for layer, (heads, ffn) in enumerate(zip(config.heads, config.ffn, strict=True), start=1):
        inner = heads * config.head_size
        total += tokens * (4 * width * inner + 2 * width * ffn) + 2 * tokens**2 * inner
        if layer in config.exit_layers:
            total += width * outputs
            exits.append(total)
    exits[-1] += width * width if config.pooling == "cls" else 0
    return np.array(exits)


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
