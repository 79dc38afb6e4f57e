"""What a model costs: weights, bytes on disk and multiply-accumulates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from effexplorer.models.checkpoint import stored_bytes
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.formats import Int8Weight, PackedWeight
from effexplorer.models.slimbert import SlimBertForSequenceClassification


def weights(model: SlimBertForSequenceClassification) -> Iterator[tuple[Tensor, int]]:
    """Yield every weight tensor with the bits of one weight; scales are not weights."""
    for module in model.modules():
        if isinstance(module, PackedWeight):
            yield module.dense(), module.bits
        elif isinstance(module, Int8Weight):
            yield module.weight, 8
    for parameter in model.parameters():
        yield parameter, 32


def bytes_on_disk(model: SlimBertForSequenceClassification) -> int:
    """Return the size of the weight file as ``save_pretrained`` writes it."""
    return stored_bytes(model)


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
    if 0 in config.exit_layers:
        total += width * outputs
        exits.append(total)
    for layer, (heads, ffn) in enumerate(zip(config.heads, config.ffn, strict=True), start=1):
        inner = heads * config.head_size
        total += tokens * (4 * width * inner + 2 * width * ffn) + 2 * tokens**2 * inner
        if layer in config.exit_layers:
            total += width * outputs
            exits.append(total)
    exits[-1] += width * width if config.pooling == "cls" else 0
    return np.array(exits)
