"""Dropout in training; on a CPU its mask is drawn 16 bits a value, much faster than torch's own."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

VALUES_A_WORD = 4  # of 16 bits in a random number of 64
STEPS = 2**16


class Dropout(nn.Module):
    """Sets a share ``p`` of what it is given to 0 in training, and scales the rest by 1/(1 - p)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape and dtype of ``x``; ``x`` itself outside of training."""
        return dropout(x, self.p) if self.training else x


def dropout(x: Tensor, p: float) -> Tensor:
    """Return ``x`` with a share ``p`` of its values set to 0 and the others divided by ``1 - p``.

    On a CPU ``p`` is rounded to a multiple of 1/65536. Draws from torch's generator.
    """
    zeros = round(p * STEPS)
    if x.device.type != "cpu" or not 0 < zeros < STEPS:
        return F.dropout(x, p)
    words = torch.empty(-(-x.numel() // VALUES_A_WORD), dtype=torch.int64)
    bits = words.random_(-(2**63), None).view(torch.int16)[: x.numel()].view(x.shape)
    kept = (bits >= zeros - STEPS // 2).to(x.dtype)
    return x * kept.mul_(STEPS / (STEPS - zeros))


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, p: float) -> Tensor:
    """Return scaled dot-product attention whose weights are dropped with probability ``p``.

    ``q``, ``k`` and ``v`` are ``(batch, heads, keys, size)``, as is the result; ``mask`` is what
    torch's ``scaled_dot_product_attention`` takes: true where a key counts, or added to scores.
    """
    if q.device.type != "cpu" or not p:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if mask is not None and mask.dtype == torch.bool:
        scores = scores.masked_fill(~mask, float("-inf"))
    elif mask is not None:
        scores = scores + mask
    return dropout(scores.softmax(-1), p) @ v
