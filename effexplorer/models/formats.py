"""The number formats: one linear layer and one embedding table for each way to hold weights.

Every integer format has ``fill(weight)``, which quantizes, and ``dense()``, which gives the fp32
weight back that the layer computes with.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from effexplorer.models.integer_product import integer_product

TINY = 1e-12  # a row of zeros has this scale instead of zero, which would divide by zero


class Int8Weight(nn.Module):
    """A weight of int8 rows ``(rows, columns)``, one scale per row; symmetric, -127 to 127."""

    weight: Tensor
    scale: Tensor

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(rows, columns, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(rows))

    def fill(self, weight: Tensor) -> None:
        """Quantize ``weight`` ``(rows, columns)`` into this layer."""
        levels, steps = int8_grid(weight)
        self.weight.copy_(levels)
        self.scale.copy_(steps[:, 0])

    def dense(self) -> Tensor:
        """Return the fp32 weight ``(rows, columns)``."""
        return self.weight * self.scale[:, None]


class Int8Linear(Int8Weight):
    """Linear layer with int8 weights ``(out, in)`` and int32 accumulation.

    Each input row is quantized with a scale of its own, so an answer does not depend on what else
    is in its batch. Each rounding is one that ``inference.graph`` does
    as well, in the same order, so that both engines give the same bits for the same input.
    """

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(outputs, inputs)
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(..., out)`` of ``(..., in)``."""
        rows = x.reshape(-1, x.shape[-1])  # (batch * tokens, in)
        steps = rows.abs().amax(1, keepdim=True).clamp_min_(TINY).div_(127)
        levels = (rows / steps).round_()
        product = integer_product(levels, self.weight)  # (batch * tokens, out), whole numbers
        inplace = product.is_floating_point()
        answer = product.mul_(self.scale) if inplace else product * self.scale
        answer *= steps
        if self.bias is not None:
            answer += self.bias
        return answer.view(*x.shape[:-1], -1)


class Int8Embedding(Int8Weight):
    """Embedding table of int8 rows ``(words, hidden)``."""

    def forward(self, ids: Tensor) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of ids ``(batch, tokens)``."""
        return self.weight[ids] * self.scale[ids][..., None]


class AwareLinear(nn.Linear):
    """fp32 linear layer that rounds its weight and input to the int8 grid as it computes.

    Gradients pass the rounding unchanged (straight-through estimator: Bengio et al. 2013,
    arXiv 1308.3432).
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(..., out)`` of ``(..., in)``."""
        return F.linear(on_int8_grid(x), on_int8_grid(self.weight), self.bias)


class AwareEmbedding(nn.Embedding):
    """fp32 embedding table whose rows are rounded to the int8 grid as they are looked up."""

    def forward(self, ids: Tensor) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of ids ``(batch, tokens)``."""
        return on_int8_grid(super().forward(ids))


class PackedWeight(nn.Module):
    """A weight ``(out, in)`` of 4 or 2 bits in groups of 128, packed by ``optimum.quanto``.

    Each group has an fp32 scale and an integer zero point, so that a pruned zero stays zero.
    """

    group = 128  # values that share a scale, as quanto's own layers have it
    packed: Tensor
    scale: Tensor
    zero: Tensor

    def __init__(self, bits: int, outputs: int, inputs: int) -> None:
        super().__init__()
        self.bits, self.size = bits, (outputs, inputs)
        groups = -(-outputs * inputs // self.group)
        lines = -(-groups * bits // 8)
        self.register_buffer("packed", torch.zeros(lines, self.group, dtype=torch.uint8))
        self.register_buffer("scale", torch.ones(groups, 1))
        self.register_buffer("zero", torch.zeros(groups, 1, dtype=torch.uint8))

    def fill(self, weight: Tensor) -> None:
        """Quantize ``weight`` ``(out, in)``; a group's range always spans zero."""
        from optimum.quanto import qtypes, quantize_weight

        flat = F.pad(weight.flatten(), (0, self.scale.numel() * self.group - weight.numel()))
        flat = flat.view(-1, self.group)  # (groups, 128)
        low = flat.amin(1, keepdim=True).clamp_max(0)
        high = flat.amax(1, keepdim=True).clamp_min(0)
        self.scale.copy_(((high - low) / (2**self.bits - 1)).clamp_min_(TINY))
        self.zero.copy_((-low / self.scale).round_())
        kind = qtypes[f"qint{self.bits}"]
        stored = quantize_weight(flat, kind, 0, self.scale, self.zero, optimized=False)
        self.packed.copy_(stored._data._data)

    def levels(self) -> Tensor:
        """Return the unpacked levels ``(groups, 128)``, uint8."""
        return unpack_levels(self.packed, self.bits)[: len(self.scale)]

    def dense(self) -> Tensor:
        """Return the fp32 weight ``(out, in)``."""
        outputs, inputs = self.size
        weight = self.scale * (self.levels().float() - self.zero)  # (groups, 128)
        return weight.flatten()[: outputs * inputs].view(self.size)


class PackedLinear(PackedWeight):
    """Linear layer over a packed weight, which is unpacked whenever it is used."""

    def __init__(self, bits: int, inputs: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__(bits, outputs, inputs)
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(..., out)`` of ``(..., in)``."""
        return F.linear(x, self.dense(), self.bias)


class PackedEmbedding(PackedWeight):
    """Embedding table over a packed weight."""

    def forward(self, ids: Tensor) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of ids ``(batch, tokens)``."""
        return F.embedding(ids, self.dense())


Linear = nn.Linear | Int8Linear | PackedLinear
Embedding = nn.Embedding | Int8Embedding | PackedEmbedding


def linear(numeric: str, inputs: int, outputs: int, *, bias: bool = True) -> Linear:
    """Return an empty linear layer of the format ``numeric``."""
    if numeric in _PACKED_BITS:
        return PackedLinear(_PACKED_BITS[numeric], inputs, outputs, bias=bias)
    if numeric == "int8":
        return Int8Linear(inputs, outputs, bias=bias)
    kind = {"fp32": nn.Linear, "int8-aware": AwareLinear}[numeric]
    return kind(inputs, outputs, bias=bias)


def embedding(numeric: str, words: int, width: int) -> Embedding:
    """Return an empty embedding table of the format ``numeric``."""
    if numeric in _PACKED_BITS:
        return PackedEmbedding(_PACKED_BITS[numeric], words, width)
    if numeric == "int8":
        return Int8Embedding(words, width)
    kind = {"fp32": nn.Embedding, "int8-aware": AwareEmbedding}[numeric]
    return kind(words, width)


def pack_levels(levels: Tensor, bits: int) -> Tensor:
    """Return uint8 ``levels`` of ``bits`` bits packed along their first axis, as quanto does."""
    from optimum.quanto.tensor.packed import pack_weights

    if not len(levels):  # quanto divides by their number
        return levels
    packed: Tensor = pack_weights(levels, bits)
    return packed


def unpack_levels(packed: Tensor, bits: int) -> Tensor:
    """Return what ``pack_levels`` packed, with up to ``8 / bits - 1`` lines more at the end.

    quanto's own operator would first compile itself, which takes a minute and a compiler.
    """
    return torch.cat([packed >> shift & (2**bits - 1) for shift in range(0, 8, bits)])


def int8_grid(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the levels -127..127 of ``rows`` ``(..., n)`` and the scales ``(..., 1)``."""
    steps = rows.abs().amax(-1, keepdim=True).clamp_min(TINY) / 127
    return (rows / steps).round(), steps


def on_int8_grid(x: Tensor) -> Tensor:
    """Return ``x`` rounded to the int8 grid of each row; the gradient is the identity."""
    with torch.no_grad():
        levels, steps = int8_grid(x)
        error = levels * steps - x
    return x + error


_PACKED_BITS = {"int4": 4, "int2": 2}
