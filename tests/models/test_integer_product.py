"""Every kernel that can be chosen here against plain integers, edges of the grid included."""

import gc

import numpy as np
import pytest
import torch

from effexplorer.errors import UserError
from effexplorer.models import integer_product
from effexplorer.models.integer_product import (
    FEW_ROWS,
    KERNELS,
    PIECE,
    VARIABLE,
    float_pieces,
    has_vnni,
    int_mm,
    is_exact,
    kernel_name,
)

# `torch._int_mm` saturates where oneDNN is held to an instruction set without VNNI, and is then
# never chosen; the fallback has to be exact wherever it runs.
USABLE = [name for name, kernel in KERNELS.items() if is_exact(kernel)]
LENGTHS = [1, 37, 384, PIECE - 1, PIECE, PIECE + 1, 4096]
EDGES = ["random", "all 127", "all -127", "127 times -127", "all -128"]


def levels_and_weight(edge: str, rows: int, inputs: int, outputs: int):
    random = np.random.default_rng(0)
    left, right = (random.integers(-127, 128, (n, inputs)) for n in (rows, outputs))
    if edge != "random":
        left[:] = -128 if "128" in edge else -127 if edge == "all -127" else 127
        right[:] = -128 if "128" in edge else 127 if edge == "all 127" else -127
    return left, right


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("inputs", LENGTHS)
@pytest.mark.parametrize("rows", [1, 5, FEW_ROWS])
@pytest.mark.parametrize("name", USABLE)
def test_a_kernel_gives_the_integers(name, rows, inputs, edge):
    left, right = levels_and_weight(edge, rows, inputs, 9)
    product = KERNELS[name](torch.tensor(left).float(), torch.tensor(right).to(torch.int8))
    np.testing.assert_array_equal(product, left @ right.T)


def test_the_fallback_is_exact_on_every_processor():
    assert "float_pieces" in USABLE


def test_the_kernel_chosen_here_is_exact():
    assert kernel_name() in USABLE


def test_a_kernel_that_saturates_is_seen():
    def saturating(levels, weight):
        return float_pieces(levels, weight).clamp(-(2**15), 2**15 - 1)

    assert not is_exact(saturating)


def test_a_kernel_that_saturates_is_not_chosen(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(integer_product, "has_vnni", lambda: True)
    monkeypatch.setattr(integer_product, "is_exact", lambda kernel: kernel is not int_mm)
    integer_product._kernel_here.cache_clear()
    try:
        assert kernel_name() == "float_pieces"
    finally:
        integer_product._kernel_here.cache_clear()


@pytest.mark.parametrize("capability", ["AVX2", "DEFAULT", "SVE256"])
def test_pytorch_held_to_less_than_avx512_has_no_vnni(monkeypatch, capability):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert not has_vnni()


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_can_be_asked_for(monkeypatch, name):
    monkeypatch.setenv(VARIABLE, name)
    assert kernel_name() == name


def test_a_kernel_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv(VARIABLE, "fastest")
    message = f"{VARIABLE}: must be one of int_mm, float_pieces; got fastest."
    with pytest.raises(UserError, match=message):
        kernel_name()


def test_the_fallback_follows_a_weight_that_changes():
    left, right = (torch.tensor(one) for one in levels_and_weight("random", 3, 50, 4))
    weight = right.to(torch.int8)
    float_pieces(left.float(), weight)
    weight.mul_(-1)
    assert torch.equal(float_pieces(left.float(), weight), (left @ -right.t()).float())


def test_the_fallback_keeps_nothing_of_a_weight_that_is_gone():
    weight = torch.ones(4, 50, dtype=torch.int8)
    before = len(integer_product._floats)
    float_pieces(torch.ones(3, 50), weight)
    assert len(integer_product._floats) == before + 1
    del weight
    gc.collect()
    assert len(integer_product._floats) == before


def test_the_fallback_keeps_nothing_for_large_batches():
    before = len(integer_product._floats)
    weight = torch.ones(4, 50, dtype=torch.int8)
    float_pieces(torch.ones(FEW_ROWS, 50), weight)
    assert len(integer_product._floats) == before


def test_the_fallback_is_exact_while_training_rounds_to_bf16():
    left, right = levels_and_weight("all 127", 3, 384, 5)
    with torch.autocast("cpu", torch.bfloat16):
        product = float_pieces(torch.tensor(left).float(), torch.tensor(right).to(torch.int8))
    np.testing.assert_array_equal(product, left @ right.T)


def test_the_fallback_takes_a_weight_made_for_inference_alone():
    with torch.inference_mode():
        weight = torch.ones(4, 50, dtype=torch.int8)
        float_pieces(torch.ones(3, 50), weight)
        weight.mul_(-1)
        assert (float_pieces(torch.ones(3, 50), weight) == -50).all()
