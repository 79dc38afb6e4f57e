"""The product of two int8 matrices: the same integers on every processor, kernel by kernel.

``int_mm`` is PyTorch's own. It is exact and fast with AVX512-VNNI. Elsewhere, ARM64 included,
PyTorch 2.13 counts in a plain loop (48 times the time of fp32 at 32 x 384 x 1,536), and oneDNN's
instructions for 8 bits saturate 16-bit sums where it is held to AVX2.

``float_pieces`` multiplies the levels as fp32, at most 1,024 of the inner dimension at a time, and
adds these pieces up as integers. No sum in a piece exceeds 128 * 128 * 1,024 = 2^24, up to which
fp32 holds every integer, so that it is exact in any order of addition and on any processor.
"""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Callable, MutableMapping
from typing import Final

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from effexplorer.errors import UserError

Kernel = Callable[[Tensor, Tensor], Tensor]

VARIABLE: Final = "EFFEXPLORER_INTEGER_KERNEL"
PIECE: Final = 1024  # of the inner dimension: see above
FEW_ROWS: Final = (
    256  # from here on the conversion of the weight is under 1 % of the product's time
)


def integer_product(levels: Tensor, weight: Tensor) -> Tensor:
    """Return ``(rows, out)`` of fp32 ``levels`` ``(rows, in)`` and int8 ``weight`` ``(out, in)``.

    Levels are whole numbers from -128 to 127, and so the result is: int32, or fp32 where that holds
    it exactly. The kernel is that of ``kernel_name()``, and ``float_pieces`` on a GPU.
    """
    kernel = KERNELS[kernel_name()] if levels.device.type == "cpu" else float_pieces
    return kernel(levels, weight)


def int_mm(levels: Tensor, weight: Tensor) -> Tensor:
    """Return the product as ``torch._int_mm`` computes it."""
    if weight.shape[1] == 1:  # PyTorch 2.13 mistakes the strides of such a matrix
        return levels.to(torch.int32) * weight.t()
    return torch._int_mm(levels.to(torch.int8), weight.t())


def float_pieces(levels: Tensor, weight: Tensor) -> Tensor:
    """Return the product by way of fp32; the weight's fp32 form is kept while it is asked often."""
    if torch.is_autocast_enabled("cpu"):  # which would multiply in bf16
        with torch.autocast("cpu", enabled=False):
            return float_pieces(levels, weight)
    floats = _as_floats(weight) if len(levels) < FEW_ROWS else weight.float()
    if levels.shape[1] <= PIECE:
        return levels @ floats.t()  # (rows, out)
    pieces = zip(torch.split(levels, PIECE, 1), torch.split(floats, PIECE, 1), strict=True)
    return functools.reduce(operator.iadd, ((a @ b.t()).to(torch.int32) for a, b in pieces))


KERNELS: Final[dict[str, Kernel]] = {"int_mm": int_mm, "float_pieces": float_pieces}


def kernel_name() -> str:
    """Return the kernel that ``EFFEXPLORER_INTEGER_KERNEL`` names, else the one for this processor.

    Raises UserError for a name that is none.
    """
    asked = os.environ.get(VARIABLE, "")
    if asked and asked not in KERNELS:
        raise UserError(f"{VARIABLE}: must be one of {', '.join(KERNELS)}; got {asked[:40]}.")
    return asked or _kernel_here()


def has_vnni() -> bool:
    """Tell whether the processor has AVX512-VNNI and PyTorch is not held to less."""
    whole = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return whole and bool(torch.cpu.get_capabilities().get("avx512_vnni"))


def is_exact(kernel: Kernel) -> bool:
    """Try ``kernel`` at the edges of the grid and on rows longer than a piece."""
    for inputs in (37, 384, PIECE + 512):
        signs = torch.ones(3, inputs)
        signs[1] = -1
        signs[2, ::2] = -1  # neighbours of opposite sign
        levels = 127 * signs  # (3, inputs)
        weight = levels.to(torch.int8).repeat(3, 1)  # (9, inputs)
        if not torch.equal(kernel(levels, weight).int(), levels.int() @ weight.int().t()):
            return False
    return True


@functools.cache
def _kernel_here() -> str:
    return "int_mm" if has_vnni() and is_exact(int_mm) else "float_pieces"


# weight -> its version and its fp32 form; gone with the weight
_floats: MutableMapping[Tensor, tuple[int, Tensor]] = WeakTensorKeyDictionary()


def _as_floats(weight: Tensor) -> Tensor:
    if weight.is_inference():  # such a tensor does not tell whether it was changed
        return weight.float()
    if weight in _floats:
        version, floats = _floats[weight]
        if version == weight._version:
            return floats
    floats = weight.detach().float()
    _floats[weight] = (weight._version, floats)
    return floats
