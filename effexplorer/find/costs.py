"""What pipelines cost beside their dense model, by formula, before anything is measured."""

from __future__ import annotations

import json
from dataclasses import dataclass

from effexplorer.errors import UserError
from effexplorer.find.space import Steps
from effexplorer.models.catalog import find_model
from effexplorer.models.source import locate
from effexplorer.operators import Outline, Slenderize, TrimVocabulary
from effexplorer.pipeline import Pipeline, outlines

_ATTENTION = 1 / 3  # of a layer's weights where the inner width is four times the model's
_INT8_LATENCY = 0.45  # of fp32's at batch 1 (benchmarks/int8.py, with what is not multiplied)
_SCALE_BITS = 40 / 128  # a weight: 4 and 2 bits have a scale and a zero point for each 128 of them
_TRIMMED = 0.6  # of the word embedding that trimming leaves, until it is measured


@dataclass(frozen=True)
class Shares:
    """The share of a model's weights in the word embedding, and the model's width.

    ``rest`` is the share of what stays fp32 and whole: positions, biases and norms.
    """

    embedding: float
    width: int
    rest: float = 0.0


def shares(pipeline: Pipeline) -> Shares:
    """Return the shares of the pipeline's model, read from its config; half if it cannot be had."""
    try:
        folder = locate(find_model(pipeline.model)).folder
        config = json.loads((folder / "config.json").read_text("utf-8"))
        width, layers = config["hidden_size"], config["num_hidden_layers"]
        embedding = config["vocab_size"] * width
        encoder = layers * width * (4 * width + 2 * config["intermediate_size"])
        rest = width * (config["max_position_embeddings"] + 9 * layers)
        rest += layers * config["intermediate_size"]
    except (UserError, OSError, ValueError, KeyError):
        return Shares(0.5, 384)
    whole = embedding + encoder + rest
    return Shares(embedding / whole, width, rest / whole)


def expected_costs(steps: Steps, outline: Outline, shares: Shares) -> dict[str, float]:
    """Return the costs after ``steps`` as shares of the dense model's, by ``record.COSTS``.

    ``outline`` is that of the dense model.
    """
    width, embedding = 1.0, 1.0
    after = outline
    for step, _, left in outlines(steps, outline):
        after = left
        if isinstance(step, Slenderize):
            width *= _ATTENTION * step.heads + (1 - _ATTENTION) * step.ffn
        if isinstance(step, TrimVocabulary):
            embedding *= _TRIMMED
    if after.rank:
        embedding *= min(1.0, after.rank / shares.width)
    layers = after.layers / outline.layers * width
    scales = _SCALE_BITS / 32 if after.bits < 8 else 0.0
    number = after.bits / 32
    mask = 1 / 32 if after.sparsity else 0.0
    kept = (1 - after.sparsity) * number + mask + scales
    faster = _INT8_LATENCY if after.bits == 8 else 1.0
    encoder = (1 - shares.embedding - shares.rest) * layers
    weights = shares.embedding * embedding + encoder + shares.rest
    size = shares.embedding * embedding * (number + scales) + encoder * kept + shares.rest
    return {"bytes": size, "parameters": weights, "macs": layers, "latency": layers * faster}
