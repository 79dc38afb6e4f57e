"""The nodes of ONNX graphs that compute what a model's parts do, made of the model's own weights.

An int8 matrix stays the matrix of integers with the scale per row that it is, and each token's
input is quantized with a scale of its own, as ``models.formats.Int8Linear`` does, rounding for
rounding; what is packed in 4 or 2 bits is multiplied as the fp32 weight that it stands for. Nodes
of the domain ``com.microsoft`` are ONNX Runtime's own.

The integers stand in the graph in one of two layouts, ``signed`` or as level + 128 with the zero
point 128. On an x86 processor without VNNI, ONNX Runtime adds two products of unsigned and signed
bytes up in 16 bits, which saturate: 255 * 127 * 2 > 32,767. It widens unsigned bytes to 16 bits
first and adds up in 32, which hold 33,025 products of 255 * 255: exact everywhere, but slower where
there is VNNI (1.6 times at one sentence of 32 word pieces). On ARM64 both are exact: its kernels
widen as well (MLAS: platform.cpp, QgemmU8U8KernelAvx2, QgemmU8X8KernelNeon).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from effexplorer.models.config import SlimBertConfig
from effexplorer.models.formats import (
    TINY,
    Embedding,
    Int8Embedding,
    Int8Linear,
    Linear,
    PackedWeight,
)
from effexplorer.models.layers import Embeddings, Layer
from effexplorer.models.position_bias import PositionBias
from effexplorer.models.slimbert import SlimBertForSequenceClassification

OPSET, IR_VERSION = 21, 10
MS = "com.microsoft"
_ZERO = np.uint8(128)  # of unsigned levels; ONNX Runtime has no fast kernel for signed x signed
Values = dict[str, tuple[int, tuple[str | int, ...]]]  # name -> element type and shape


class Graph:
    """Nodes and constants so far; every method returns the name of a value."""

    def __init__(self, config: SlimBertConfig, *, signed: bool) -> None:
        self.config, self.signed = config, signed
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: torch.Tensor | np.ndarray | np.generic) -> str:
        """Add a constant."""
        if isinstance(value, torch.Tensor):
            value = value.detach().numpy()
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node of one output."""
        return self.nodes_of(kind, 1, *inputs, domain=domain, **attributes)[0]

    def nodes_of(
        self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Add a node of several outputs; return their names."""
        names = [f"v{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names

    def product(self, x: str, module: Linear) -> str:
        """Return ``x`` times the matrix of a linear layer, without its bias."""
        if not isinstance(module, Int8Linear):
            dense = module.dense() if isinstance(module, PackedWeight) else module.weight
            return self.node("MatMul", x, self.constant(dense.t()))
        top = self.node("ReduceMax", self.node("Abs", x), self.constant(np.array([-1])))
        steps = self.node("Max", top, self.constant(np.float32(TINY)))
        steps = self.node("Div", steps, self.constant(np.float32(127)))  # (rows, tokens, 1)
        unit, zero = self.constant(np.float32(1)), self.constant(_ZERO)
        levels = self.node("QuantizeLinear", self.node("Div", x, steps), unit, zero)
        scale, zeros = self.constant(module.scale), [zero] if self.signed else [zero, zero]
        weight = self.constant(module.weight.t() if self.signed else _unsigned(module.weight.t()))
        product = self.node("MatMulIntegerToFloat", levels, weight, unit, scale, *zeros, domain=MS)
        return self.node("Mul", product, steps)

    def linear(self, x: str, module: Linear) -> str:
        """Return a linear layer of ``x``, with its bias where it has one."""
        product = self.product(x, module)
        if module.bias is None:
            return product
        return self.node("Add", product, self.constant(module.bias))

    def table(self, ids: str, module: Embedding) -> str:
        """Return the rows ``ids`` of an embedding table."""
        if isinstance(module, Int8Embedding):
            levels = self.node("Gather", self.constant(module.weight), ids)
            scale = self.node("Gather", self.constant(module.scale[:, None]), ids)
            return self.node("Mul", self.node("Cast", levels, to=TensorProto.FLOAT), scale)
        dense = module.dense() if isinstance(module, PackedWeight) else module.weight
        return self.node("Gather", self.constant(dense), ids)

    def norm(self, x: str, module: torch.nn.LayerNorm) -> str:
        """Return the norm of ``x``."""
        weights = self.constant(module.weight), self.constant(module.bias)
        return self.node("LayerNormalization", x, *weights, epsilon=module.eps)

    def residual(self, x: str, addend: str, linear: Linear, norm: torch.nn.LayerNorm) -> str:
        """Return the norm of ``x`` plus the linear layer of ``addend``."""
        bias = linear.get_parameter("bias")
        weights = [self.constant(weight) for weight in (norm.weight, norm.bias, bias)]
        product = self.product(addend, linear)
        return self.node(
            "SkipLayerNormalization", product, x, *weights, domain=MS, epsilon=norm.eps
        )

    def activated(self, x: str, linear: Linear) -> str:
        """Return the activation of a linear layer of ``x``."""
        product, bias = self.product(x, linear), self.constant(linear.get_parameter("bias"))
        kind = self.config.activation
        if kind == "gelu":
            return self.node("BiasGelu", product, bias, domain=MS)
        if kind in ("gelu_new", "gelu_pytorch_tanh"):
            return self.node("FastGelu", product, bias, domain=MS)
        total = self.node("Add", product, bias)
        if kind == "relu":
            return self.node("Relu", total)
        return self.node("Mul", total, self.node("Sigmoid", total))  # silu

    def embeddings(self, module: Embeddings) -> str:
        """Return the embeddings of the values ``ids`` and ``token_types``."""
        words = self.table("ids", module.word)
        if module.word_up is not None:
            words = self.linear(words, module.word_up)
        tokens = self.node("Shape", "ids", start=1, end=2)
        start, axis = self.constant(np.array([0])), self.constant(np.array([0]))
        table = self.constant(module.position.weight[module.offset :])
        places = self.node("Slice", table, start, tokens, axis)  # (tokens, hidden)
        total = self.node("Add", words, places)
        if module.token_type is not None:
            total = self.node("Add", total, self.table("token_types", module.token_type))
        total = self.norm(total, module.norm)
        return total if module.project is None else self.linear(total, module.project)

    def position_bias(self, x: str, module: PositionBias) -> str:
        """Return the bias ``(1, columns, tokens, tokens)`` for as many tokens as ``x`` has."""
        longest = self.config.max_position_embeddings
        values = self.constant(module.by_distance(longest).t())  # (columns, distances)
        zero, unit = self.constant(np.array(0)), self.constant(np.array(1))
        axes = self.constant(np.array([0])), self.constant(np.array([1]))
        tokens = self.node("Squeeze", self.node("Shape", x, start=1, end=2))
        places = self.node("Range", zero, tokens, unit)
        keys, queries = (self.node("Unsqueeze", places, axis) for axis in axes)
        distance = self.node("Sub", keys, queries)  # (tokens, tokens)
        index = self.node("Add", distance, self.constant(np.array(longest - 1)))
        return self.node("Unsqueeze", self.node("Gather", values, index, axis=1), axes[0])

    def layer(self, x: str, layer: Layer, bias: str) -> str:
        """Return the layer's output; ``bias`` is the position bias, "" where there is none."""
        if layer.bias_heads is not None:
            bias = self.node("Gather", bias, self.constant(np.array(layer.bias_heads)), axis=1)
        inner = layer.heads * layer.head_size
        sizes = self.constant(np.array([inner] * 3))
        qkv = self.nodes_of("Split", 3, self.linear(x, layer.qkv), sizes, axis=-1)
        x = self.residual(x, self.attention(qkv, layer, bias), layer.output, layer.attention_norm)
        return self.residual(x, self.activated(x, layer.up), layer.down, layer.ffn_norm)

    def attention(self, qkv: list[str], layer: Layer, bias: str) -> str:
        """Return the heads' mixtures ``(rows, tokens, inner)``; ``lengths`` hides the padding."""
        given = (*qkv, "", "lengths", bias)
        return self.node("MultiHeadAttention", *given, domain=MS, num_heads=layer.heads)

    def pooled(self, x: str, layer: int) -> str:
        """Return ``(rows, hidden)`` after ``layer``: the first token, or by ``share`` the mean."""
        if not self.config.pools_mean(layer):
            return self.node("Gather", x, self.constant(np.array(0)), axis=1)
        mixed = self.node("MatMul", "share", x)  # (rows, 1, hidden)
        return self.node("Squeeze", mixed, self.constant(np.array([1])))

    def head(self, x: str, model: SlimBertForSequenceClassification, exit: int) -> str:
        """Return the logits of ``exit``, as ``classify_at`` gives them."""
        pooled = self.pooled(x, self.config.exit_layers[exit])
        if exit < len(model.exits):
            return self.linear(self.node("Tanh", pooled), model.exits[exit])
        if model.pooler is not None:
            kind = self.config.head_activation.title()  # Tanh, Relu, Gelu
            pooled = self.node(kind, self.linear(pooled, model.pooler))
        return self.linear(pooled, model.classifier)


def _unsigned(levels: torch.Tensor) -> torch.Tensor:
    """Return int8 ``levels`` plus 128, as uint8."""
    return (levels.short() + int(_ZERO)).to(torch.uint8)


def serialized(
    graph: Graph, name: str, inputs: Values, outputs: Values, *, standard: bool = False
) -> bytes:
    """Return the ONNX model of the nodes in ``graph``, with these inputs and outputs."""
    whole = helper.make_graph(graph.nodes, name, _infos(inputs), _infos(outputs), graph.constants)
    opsets = [helper.make_opsetid("", OPSET), *([] if standard else [helper.make_opsetid(MS, 1)])]
    made = helper.make_model(whole, opset_imports=opsets, ir_version=IR_VERSION)
    return bytes(made.SerializeToString())


def _infos(values: Values) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, *kind) for name, kind in values.items()]
