"""A trial of this machine's int8 kernels: whether they are exact, and their time beside fp32."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from effexplorer.inference.graph import linear_layer
from effexplorer.inference.onnx import session, signed_weights
from effexplorer.models.formats import Int8Linear
from effexplorer.models.integer_product import KERNELS, is_exact, kernel_name

ROWS, INPUTS, OUTPUTS = 32, 384, 1536  # MiniLM's largest layer at one sentence of 32 word pieces
ROUNDS = 15  # a third of a second where int8 is as slow as fp32
LAYOUTS = {True: "unsigned x signed bytes", False: "unsigned x unsigned bytes"}

Layer = Callable[[Tensor], object]


@dataclass(frozen=True)
class Int8Check:
    """What was tried: the kernel, whether it is ``exact``, and an int8 layer's time over fp32's."""

    kernel: str
    exact: bool
    ratio: float

    @property
    def text(self) -> str:
        """Return ``"float_pieces, exact, 1.04 of fp32's time, which is slower than fp32"``."""
        exact = "exact" if self.exact else "not exact"
        slow = ", which is slower than fp32" if self.ratio > 1 else ""
        return f"{self.kernel}, {exact}, {self.ratio:.2f} of fp32's time{slow}"


@functools.cache
def check_int8(engine: str) -> Int8Check:
    """Try the int8 kernel of ``engine``, ``onnx`` or ``torch``, on one thread; once in a process.

    A process's ONNX Runtime has as many threads as its first engine asked for.
    """
    chance = torch.Generator().manual_seed(0)
    dense, small = nn.Linear(INPUTS, OUTPUTS), Int8Linear(INPUTS, OUTPUTS)
    small.fill(dense.weight.detach())
    x = torch.randn(ROWS, INPUTS, generator=chance)
    if engine == "torch":
        kernel = kernel_name()
        exact = is_exact(KERNELS[kernel])
        ratio = _ratio(small, dense, x)
    else:
        signed = signed_weights()
        kernel = LAYOUTS[signed]
        exact = is_exact(functools.partial(_onnx_product, signed=signed))
        ratio = _ratio(_onnx_layer(small, signed=signed), _onnx_layer(dense, signed=signed), x)
    return Int8Check(kernel, exact, ratio)


def _onnx_layer(layer: Int8Linear | nn.Linear, *, signed: bool) -> Callable[[Tensor], np.ndarray]:
    run = session(linear_layer(layer, signed=signed)).run

    def answer(x: Tensor) -> np.ndarray:
        product: np.ndarray = run(None, {"x": x.numpy()})[0]
        return product

    return answer


def _onnx_product(levels: Tensor, weight: Tensor, *, signed: bool) -> Tensor:
    """Return the product as ``integer_product`` gives it; a row's largest level must be 127."""
    layer = Int8Linear(weight.shape[1], weight.shape[0])
    layer.weight.copy_(weight)
    product = _onnx_layer(layer, signed=signed)(levels)
    return torch.from_numpy(product).to(torch.int32)


@torch.inference_mode()
def _ratio(small: Layer, dense: Layer, x: Tensor) -> float:
    """Return the median of the rounds' ratios, on one thread of torch."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rounds = [(_seconds(small, x), _seconds(dense, x)) for _ in range(ROUNDS + 1)]
    finally:
        torch.set_num_threads(threads)
    return median(ours / theirs for ours, theirs in rounds[1:])


def _seconds(layer: Layer, x: Tensor) -> float:
    """Return the least of five calls' times, which is the least disturbed."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        layer(x)
        times.append(time.perf_counter() - start)
    return min(times)
