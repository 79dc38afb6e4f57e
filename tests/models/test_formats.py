"""The number formats against their definitions, computed apart in float64, and against Optimum."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from optimum.quanto import qtypes, quantize_weight
from optimum.quanto.library.extensions.extension import Extension
from torch import nn

from effexplorer.models import formats
from effexplorer.models.formats import (
    AwareEmbedding,
    AwareLinear,
    Int8Embedding,
    Int8Linear,
    PackedEmbedding,
    PackedLinear,
    embedding,
    linear,
    on_int8_grid,
)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def int8_rounded(rows: torch.Tensor) -> np.ndarray:
    """Return each row on the symmetric int8 grid of its own largest value, by the definition."""
    rows = rows.double().numpy()
    steps = np.abs(rows).max(-1, keepdims=True) / 127
    return np.round(rows / np.where(steps == 0, 1, steps)) * steps


def filled(kind, *sizes: int, seed: int = 1):
    layer = kind(*sizes)
    shape = sizes if kind is Int8Embedding else sizes[::-1]
    layer.fill(draw(*shape, seed=seed))
    if hasattr(layer, "bias"):
        layer.bias.data.copy_(draw(sizes[1], seed=2))
    return layer


@pytest.mark.parametrize(("inputs", "outputs"), [(32, 64), (33, 7), (384, 1152), (1, 1)])
def test_int8_linear_is_the_product_of_rounded_matrices(inputs, outputs):
    weight, x = draw(outputs, inputs, seed=1), draw(5, inputs)
    layer = filled(Int8Linear, inputs, outputs)
    expected = int8_rounded(x) @ int8_rounded(weight).T + layer.bias.detach().double().numpy()
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, atol=1e-4, rtol=1e-5)


def test_int8_weight_is_off_by_half_a_step_at_most():
    weight = draw(8, 50, seed=1)
    layer = filled(Int8Linear, 50, 8)
    steps = weight.abs().amax(1, keepdim=True) / 127
    assert ((layer.dense() - weight).abs() <= steps / 2 + 1e-7).all()


def test_int8_linear_of_a_row_is_exactly_the_same_among_any_others():
    layer, row = filled(Int8Linear, 64, 48), draw(1, 64)
    alone = layer(row)
    crowd = torch.cat([1e6 * draw(3, 64, seed=3), row, 1e-6 * draw(9, 64, seed=4), row])
    together = layer(crowd)
    assert torch.equal(together[3], alone[0]) and torch.equal(together[-1], alone[0])


def test_int8_linear_keeps_leading_dimensions():
    assert filled(Int8Linear, 8, 6)(draw(2, 3, 8)).shape == (2, 3, 6)


def test_int8_linear_of_zeros_is_the_bias():
    layer = filled(Int8Linear, 8, 6)
    assert torch.equal(layer(torch.zeros(2, 8)), layer.bias.detach().expand(2, 6))


def test_a_zero_row_of_weights_stays_zero_in_int8():
    layer = Int8Linear(4, 2)
    layer.fill(torch.tensor([[0.0, 0, 0, 0], [1, 2, 3, 4]]))
    assert not layer.dense()[0].any() and layer.dense().isfinite().all()


def test_int8_embedding_looks_up_rounded_rows():
    table, ids = draw(9, 16, seed=1), torch.tensor([[0, 8], [3, 3]])
    layer = filled(Int8Embedding, 9, 16)
    np.testing.assert_allclose(layer(ids), int8_rounded(table)[ids], atol=1e-6)


def test_aware_linear_computes_what_int8_linear_computes():
    aware, x = AwareLinear(64, 48), draw(7, 64)
    quantized = Int8Linear(64, 48)
    quantized.fill(aware.weight)
    quantized.bias.data.copy_(aware.bias)
    torch.testing.assert_close(aware(x), quantized(x), atol=1e-5, rtol=1e-5)


def test_aware_embedding_looks_up_what_int8_embedding_does():
    aware, ids = AwareEmbedding(9, 16), torch.arange(9)
    quantized = Int8Embedding(9, 16)
    quantized.fill(aware.weight)
    torch.testing.assert_close(aware(ids), quantized(ids), atol=1e-6, rtol=0)


def test_gradients_pass_the_rounding_unchanged():
    x, upstream = draw(4, 10).requires_grad_(), draw(4, 10, seed=5)
    (on_int8_grid(x) * upstream).sum().backward()
    assert torch.equal(x.grad, upstream)


def test_aware_linear_has_the_gradients_of_a_linear_on_rounded_values():
    aware, x = AwareLinear(6, 3), draw(5, 6).requires_grad_()
    aware(x).square().sum().backward()
    plain = nn.Linear(6, 3)
    with torch.no_grad():
        plain.weight.copy_(on_int8_grid(aware.weight))
        plain.bias.copy_(aware.bias)
    rounded = on_int8_grid(x).detach().requires_grad_()
    plain(rounded).square().sum().backward()
    for mine, other in [
        (aware.weight.grad, plain.weight.grad),
        (aware.bias.grad, plain.bias.grad),
        (x.grad, rounded.grad),
    ]:
        torch.testing.assert_close(mine, other)


def test_rounding_twice_is_rounding_once():
    once = on_int8_grid(draw(4, 10))
    torch.testing.assert_close(on_int8_grid(once), once, atol=1e-7, rtol=0)


def unpacked(packed: torch.Tensor, bits: int) -> torch.Tensor:
    """Return what quanto's compiled operator would, by the single bits."""
    single = np.unpackbits(packed.numpy()[..., None], axis=-1, bitorder="little")
    parts = single.reshape(*packed.shape, 8 // bits, bits) @ (1 << np.arange(bits))
    return torch.from_numpy(np.concatenate(np.moveaxis(parts, -1, 0)).astype(np.uint8))


@pytest.mark.parametrize("bits", [4, 2])
@pytest.mark.parametrize(("outputs", "inputs"), [(16, 32), (8, 128), (3, 50)])
def test_packed_weight_is_what_optimum_dequantizes(bits, outputs, inputs, monkeypatch):
    monkeypatch.setattr(Extension, "lib", SimpleNamespace(unpack=unpacked))
    weight = draw(outputs, inputs, seed=1)
    layer = PackedLinear(bits, inputs, outputs)
    layer.fill(weight)
    padded = torch.zeros(layer.scale.numel() * layer.group)
    padded[: weight.numel()] = weight.flatten()
    groups = padded.view(-1, layer.group)
    theirs = quantize_weight(
        groups, qtypes[f"qint{bits}"], 0, layer.scale, layer.zero, optimized=False
    )
    expected = theirs.dequantize().flatten()[: weight.numel()].view_as(weight)
    assert torch.equal(layer.dense(), expected)


@pytest.mark.parametrize("bits", [4, 2])
def test_packed_weight_follows_its_definition(bits):
    weight = draw(4, 128, seed=1)
    layer = PackedLinear(bits, 128, 4)
    layer.fill(weight)
    rows = weight.double().numpy()
    low, high = rows.min(1, keepdims=True), rows.max(1, keepdims=True)
    scale = (high - low) / (2**bits - 1)
    zero = np.round(-low / scale)
    levels = np.clip(np.round(rows / scale) + zero, 0, 2**bits - 1)
    np.testing.assert_allclose(layer.dense(), (levels - zero) * scale, atol=1e-5)


@pytest.mark.parametrize("bits", [4, 2])
@pytest.mark.parametrize("shift", [0.0, 3.0, -3.0], ids=["both signs", "positive", "negative"])
def test_zeros_stay_zeros_when_packed(bits, shift):
    weight = draw(6, 64, seed=1) + shift
    gone = draw(6, 64, seed=2) > 0
    weight[gone] = 0
    layer = PackedLinear(bits, 64, 6)
    layer.fill(weight)
    assert not layer.dense()[gone].any()


@pytest.mark.parametrize("bits", [4, 2])
def test_packed_layers_compute_with_their_dense_weight(bits):
    layer, table = PackedLinear(bits, 40, 6), PackedEmbedding(bits, 6, 40)
    layer.fill(draw(6, 40, seed=1))
    table.fill(draw(6, 40, seed=1))
    layer.bias.data.copy_(draw(6, seed=2))
    x, ids = draw(2, 3, 40), torch.tensor([[5, 0]])
    assert torch.equal(layer(x), nn.functional.linear(x, layer.dense(), layer.bias))
    assert torch.equal(table(ids), table.dense()[ids])


@pytest.mark.parametrize("bits", [4, 2])
def test_packed_weight_of_zeros_is_zero(bits):
    layer = PackedLinear(bits, 16, 16)
    layer.fill(torch.zeros(16, 16))
    assert not layer.dense().any()


@pytest.mark.parametrize("bits", [4, 2])
def test_packed_weight_takes_its_bits_in_memory(bits):
    layer = PackedLinear(bits, 128, 64)
    assert layer.packed.nbytes == 128 * 64 * bits // 8


@pytest.mark.parametrize("bits", [4, 2])
def test_packed_weight_needs_no_compiler(bits, monkeypatch):
    monkeypatch.setattr(Extension, "lib", None)  # nothing to call
    layer = PackedLinear(bits, 32, 16)
    layer.fill(draw(16, 32))
    assert layer.dense().shape == (16, 32)


@pytest.mark.parametrize("bits", [4, 2])
@pytest.mark.parametrize("count", [0, 1, 7, 128])
def test_levels_unpack_to_what_was_packed(bits, count):
    levels = torch.arange(count, dtype=torch.uint8) % 2**bits
    packed = formats.pack_levels(levels, bits)
    assert torch.equal(formats.unpack_levels(packed, bits)[:count], levels)


@pytest.mark.parametrize("numeric", ["fp32", "int8-aware", "int8", "int4", "int2"])
def test_every_format_has_a_linear_layer_and_an_embedding(numeric):
    assert linear(numeric, 8, 4)(draw(2, 8)).shape == (2, 4)
    assert embedding(numeric, 8, 4)(torch.tensor([[1, 2]])).shape == (1, 2, 4)
