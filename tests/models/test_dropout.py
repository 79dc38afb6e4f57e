"""Dropout and attention in training, beside torch's own."""

import pytest
import torch
from torch.nn import functional as F

from effexplorer.models.dropout import Dropout, attention, dropout

P = 0.1


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_a_share_is_dropped_and_the_mean_stays():
    dropped = dropout(torch.ones(1001, 999), P)
    assert (dropped == 0).float().mean().item() == pytest.approx(P, abs=0.002)
    assert dropped.mean().item() == pytest.approx(1, abs=0.002)
    assert dropped.max().item() == pytest.approx(1 / (1 - P), rel=1e-4)


def test_each_of_the_values_drawn_together_is_dropped_as_often_and_by_itself():
    dropped = (dropout(torch.ones(200_000, 4), P) == 0).float()
    assert dropped.mean(0).tolist() == pytest.approx([P] * 4, abs=0.004)
    correlations = torch.corrcoef(dropped.T) - torch.eye(4)
    assert correlations.abs().max() < 0.01


@pytest.mark.parametrize("p", [0.0, 1e-9])
def test_nothing_is_dropped_at_0(p):
    x = torch.randn(7, 5)
    assert torch.equal(dropout(x, p), x)


def test_everything_is_dropped_at_1():
    assert not dropout(torch.ones(7, 5), 1.0).any()


def test_the_seed_decides():
    draws = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(dropout(torch.ones(1000), P))
    assert torch.equal(draws[0], draws[1]) and not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_gradient_is_the_mask(dtype):
    x = torch.ones(1000, dtype=dtype, requires_grad=True)
    dropped = dropout(x, P)
    dropped.sum().backward()
    assert dropped.dtype == dtype and torch.equal(x.grad, dropped.detach())


def test_the_module_drops_in_training_alone():
    module, x = Dropout(P), torch.ones(1000)
    assert module.eval()(x) is x
    assert (module.train()(x) == 0).any()


@pytest.mark.parametrize("kind", ["none", "keys", "bias"])
def test_attention_whose_dropped_share_is_tiny_is_torch_s(kind):
    q, k, v = (torch.randn(2, 3, 16, 8, requires_grad=True) for _ in range(3))
    masks = {
        "none": None,
        "keys": (torch.arange(16) < 11).expand(2, 1, 1, 16),
        "bias": torch.randn(2, 3, 16, 16),
    }
    ours = attention(q, k, v, masks[kind], 1e-9)
    theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=masks[kind])
    torch.testing.assert_close(ours, theirs)
    weight = torch.randn_like(ours)
    for mine, other in zip(
        torch.autograd.grad((ours * weight).sum(), (q, k, v)),
        torch.autograd.grad((theirs * weight).sum(), (q, k, v)),
        strict=True,
    ):
        torch.testing.assert_close(mine, other)


def test_attention_s_mean_over_masks_is_attention():
    q, k, v = (torch.randn(1, 2, 8, 4) for _ in range(3))
    many = [part.expand(4000, 2, 8, 4) for part in (q, k, v)]
    mean = attention(*many, None, P).mean(0, keepdim=True)
    torch.testing.assert_close(mean, F.scaled_dot_product_attention(q, k, v), atol=0.03, rtol=0)
