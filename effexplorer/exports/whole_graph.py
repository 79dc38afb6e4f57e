"""The ``onnx`` format: one graph, in the layout that transformers.js expects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from effexplorer.exports.source import Source
from effexplorer.exports.standard_graph import StandardGraph
from effexplorer.exports.transformers_folder import labels_of, write_tokenizer
from effexplorer.inference.graph_builder import Graph, Values, serialized
from effexplorer.models.slimbert import SlimBertForSequenceClassification

_SHAPE = ("batch_size", "sequence_length")


def left_out(source: Source) -> list[str]:
    """Return what the format cannot hold of the model, a sentence each."""
    config, said = source.model.config, []
    if config.exits:
        said.append("onnx: exits are left out, since the graph has one output; see exits.")
    if config.numeric in ("int4", "int2"):
        said.append(f"onnx: {config.numeric} weights stand as fp32, so the file is larger.")
    elif config.sparse:
        said.append("onnx: pruned zeros are stored like other weights, so the file is larger.")
    return said


def file_name(source: Source) -> str:
    """Return the graph's file name, by which transformers.js tells its number format."""
    return "model_quantized.onnx" if source.model.config.numeric == "int8" else "model.onnx"


def write(source: Source, folder: Path, *, standard: bool = False) -> None:
    """Write the graph, config and tokenizer into ``folder``, which is made.

    With ``standard`` only operators of the ONNX standard are used. Texts are padded on the right.
    """
    (folder / "onnx").mkdir(parents=True)
    types = "token_type_ids" in source.tokenizer.model_input_names
    graph = whole(source.model, token_types=types, standard=standard)
    onnx.checker.check_model(graph, full_check=True)
    (folder / "onnx" / file_name(source)).write_bytes(graph)
    config = source.model.config
    plain = {
        "model_type": "bert",  # what readers know; they take the shape from the graph
        "architectures": ["BertForSequenceClassification"],
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "num_hidden_layers": len(config.heads),
        "num_attention_heads": config.hidden_size // config.head_size,
        "max_position_embeddings": config.max_position_embeddings,
        "pad_token_id": config.pad_token_id,
    }
    text = json.dumps(plain | labels_of(source), indent=2) + "\n"
    (folder / "config.json").write_text(text, "utf-8")
    write_tokenizer(source, folder)


def whole(
    model: SlimBertForSequenceClassification, *, token_types: bool, standard: bool = False
) -> bytes:
    """Return the ONNX model from ``input_ids`` and ``attention_mask`` to ``logits``.

    Inputs are int64 ``(batch, tokens)``, among them ``token_type_ids`` if ``token_types``.
    """
    graph = (StandardGraph if standard else Graph)(model.config, signed=False)
    _prepare(graph, token_types=token_types, standard=standard)
    x = graph.embeddings(model.embeddings)
    bias = "" if model.position_bias is None else graph.position_bias(x, model.position_bias)
    for layer in model.layers:
        x = graph.layer(x, layer, bias)
    _name(graph, graph.head(x, model, len(model.exits)), "logits")
    kinds = ("input_ids", "attention_mask", *(["token_type_ids"] * token_types))
    inputs: Values = {name: (TensorProto.INT64, _SHAPE) for name in kinds}
    outputs: Values = {"logits": (TensorProto.FLOAT, (_SHAPE[0], model.config.num_labels))}
    return serialized(graph, "classifier", inputs, outputs, standard=standard)


def _prepare(graph: Graph, *, token_types: bool, standard: bool) -> None:
    """Make the values that the nodes of the parts go by of the usual inputs."""
    _name(graph, "input_ids", "ids")
    types = "token_type_ids" if token_types else graph.node("Sub", "input_ids", "input_ids")
    _name(graph, types, "token_types")
    axis = graph.constant(np.array([1]))
    if standard:
        mask = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
        hidden = graph.node("Sub", graph.constant(np.float32(1)), mask)
        lowest = graph.constant(np.finfo(np.float32).min)
        axes = graph.constant(np.array([1, 2]))
        _name(graph, graph.node("Unsqueeze", graph.node("Mul", hidden, lowest), axes), "added")
    else:
        count = graph.node("ReduceSum", "attention_mask", axis, keepdims=0)
        _name(graph, graph.node("Cast", count, to=TensorProto.INT32), "lengths")
    if graph.config.has_means:
        real = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
        share = graph.node("Div", real, graph.node("ReduceSum", real, axis, keepdims=1))
        _name(graph, graph.node("Unsqueeze", share, axis), "share")


def _name(graph: Graph, value: str, name: str) -> None:
    graph.nodes.append(helper.make_node("Identity", [value], [name]))
