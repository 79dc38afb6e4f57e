"""Nodes of standard ONNX operators alone, for runtimes that lack ONNX Runtime's own."""

from __future__ import annotations

import math

import numpy as np
import torch
from onnx import TensorProto

from effexplorer.inference.graph_builder import Graph
from effexplorer.models.formats import TINY, Int8Linear, Linear
from effexplorer.models.layers import Layer


class StandardGraph(Graph):
    """The same computation; the value ``added`` ``(rows, 1, 1, tokens)`` hides what is padding."""

    def product(self, x: str, module: Linear) -> str:
        """Return ``x`` times the matrix of a linear layer, without its bias."""
        if not isinstance(module, Int8Linear):
            return super().product(x, module)
        top = self.node("ReduceMax", self.node("Abs", x), self.constant(np.array([-1])))
        steps = self.node("Max", top, self.constant(np.float32(TINY)))
        steps = self.node("Div", steps, self.constant(np.float32(127)))  # (rows, tokens, 1)
        zero = self.constant(np.uint8(128))
        unit = self.constant(np.float32(1))
        levels = self.node("QuantizeLinear", self.node("Div", x, steps), unit, zero)
        weight = self.constant((module.weight.t().short() + 128).to(torch.uint8))
        product = self.node("MatMulInteger", levels, weight, zero, zero)
        product = self.node("Cast", product, to=TensorProto.FLOAT)
        return self.node("Mul", self.node("Mul", product, self.constant(module.scale)), steps)

    def residual(self, x: str, addend: str, linear: Linear, norm: torch.nn.LayerNorm) -> str:
        """Return the norm of ``x`` plus the linear layer of ``addend``."""
        return self.norm(self.node("Add", x, self.linear(addend, linear)), norm)

    def activated(self, x: str, linear: Linear) -> str:
        """Return the activation of a linear layer of ``x``."""
        kind, total = self.config.activation, self.linear(x, linear)
        if kind == "gelu":
            return self.node("Gelu", total)
        if kind in ("gelu_new", "gelu_pytorch_tanh"):
            return self.node("Gelu", total, approximate="tanh")
        if kind == "relu":
            return self.node("Relu", total)
        return self.node("Mul", total, self.node("Sigmoid", total))  # silu

    def attention(self, qkv: list[str], layer: Layer, bias: str) -> str:
        """Return the heads' mixtures ``(rows, tokens, inner)``."""
        shape = self.constant(np.array([0, 0, layer.heads, layer.head_size]))
        apart = [self.node("Reshape", part, shape) for part in qkv]
        orders = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        q, k, v = (
            self.node("Transpose", part, perm=order)
            for part, order in zip(apart, orders, strict=True)
        )
        scale = self.constant(np.float32(1 / math.sqrt(layer.head_size)))
        scores = self.node("MatMul", self.node("Mul", q, scale), k)
        scores = self.node("Add", scores, bias) if bias else scores
        shares = self.node("Softmax", self.node("Add", scores, "added"), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", shares, v), perm=[0, 2, 1, 3])
        inner = self.constant(np.array([0, 0, layer.heads * layer.head_size]))
        return self.node("Reshape", mixed, inner)
