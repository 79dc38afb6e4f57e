"""ONNX graphs of a model's parts, one from each exit to the next, made of the model's own weights.

``graph_builder`` says how int8 matrices stand in them.
"""

from __future__ import annotations

import torch
from onnx import TensorProto

from effexplorer.inference.graph_builder import Graph, Values, serialized
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.formats import Int8Linear
from effexplorer.models.slimbert import SlimBertForSequenceClassification


def part(model: SlimBertForSequenceClassification, exit: int, *, signed: bool = False) -> bytes:
    """Return the ONNX model from the exit before ``exit``, or from the word pieces, to ``exit``.

    The default layout is exact on every processor; ``signed`` is faster where there is VNNI.
    Inputs: ``ids`` and ``token_types`` (rows, tokens) in the first part, ``state`` (rows, tokens,
    hidden) in later ones; ``lengths`` (rows,), int32; and, where any exit pools by the mean,
    ``share`` (rows, 1, tokens), each real token's share of it. Outputs: logits (rows, outputs),
    then, except in the last part, the state.
    """
    ends = [0, *model.config.exit_layers]
    graph = Graph(model.config, signed=signed)
    ints, floats = TensorProto.INT64, TensorProto.FLOAT
    wide = ("rows", "tokens", model.config.hidden_size)
    inputs: Values = {"lengths": (TensorProto.INT32, ("rows",))}
    if model.config.has_means:
        inputs["share"] = (floats, ("rows", 1, "tokens"))
    if exit:
        x = "state"
        inputs[x] = (floats, wide)
    else:
        inputs |= {name: (ints, ("rows", "tokens")) for name in ("ids", "token_types")}
        x = graph.embeddings(model.embeddings)
    bias = "" if model.position_bias is None else graph.position_bias(x, model.position_bias)
    for layer in model.layers[ends[exit] : ends[exit + 1]]:
        x = graph.layer(x, layer, bias)
    outputs: Values = {graph.head(x, model, exit): (floats, ("rows", model.config.num_labels))}
    if exit < len(model.exits):
        outputs[x] = (floats, wide)
    return serialized(graph, f"exit {exit}", inputs, outputs)


def linear_layer(layer: Int8Linear | torch.nn.Linear, *, signed: bool = False) -> bytes:
    """Return the ONNX model of one layer, from ``x`` ``(rows, in)`` to ``(rows, out)``.

    It shows what a processor makes of the integers.
    """
    graph = Graph(SlimBertConfig(), signed=signed)
    sizes: dict[str, tuple[str | int, ...]] = {
        name: ("rows", size) for name, size in zip("xy", layer.weight.shape[::-1], strict=True)
    }
    outputs: Values = {graph.linear("x", layer): (TensorProto.FLOAT, sizes["y"])}
    return serialized(graph, "layer", {"x": (TensorProto.FLOAT, sizes["x"])}, outputs)
