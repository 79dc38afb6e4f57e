"""What a model costs, against other people's counters."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from effexplorer.costs import macs, weights
from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import to_numeric
from tests.tiny_models import thinned, tiny_classifier


def counts(model) -> tuple[int, int]:
    every = list(weights(model))
    return sum(one.numel() for one, _ in every), sum(int((one != 0).sum()) for one, _ in every)


@pytest.mark.parametrize("numeric", ["int8", "int4", "int2"])
def test_quantizing_keeps_the_number_of_parameters(numeric):
    model = tiny_classifier()
    assert counts(to_numeric(model, numeric))[0] == counts(model)[0]


def test_non_zero_parameters_leave_out_what_was_pruned():
    model = thinned(tiny_classifier(), 0.75)
    matrices = sum(matrix.weight.numel() for matrix in encoder_matrices(model).values())
    every, nonzero = counts(model)
    assert every - nonzero == 0.75 * matrices


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("tokens", [16, 32, 48])  # attention is padded to such lengths
def test_macs_are_half_the_flops_that_torch_counts(pooling, tokens):
    model = tiny_classifier(pooling=pooling, heads=[4, 1, 2], ffn=[64, 7, 33], num_labels=3)
    ids = torch.full((1, tokens), 5)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        model(ids)
    assert macs(model.config, 3, tokens) == counter.get_total_flops() // 2
