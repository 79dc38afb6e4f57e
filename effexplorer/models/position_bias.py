"""Position bias: what the distance of two tokens adds to attention scores, the same in all layers.

Source: MPNet (Song et al. 2020, arXiv 2004.09297), whose buckets of distances are those of T5
(Raffel et al. 2020, arXiv 1910.10683).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from effexplorer.models.config import SlimBertConfig

FARTHEST = 128  # all larger distances share the last bucket

TABLE = "position_bias.table.weight"


class PositionBias(nn.Module):
    """A table of one row a bucket of distances and one column a head of the original model."""

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__()
        self.table = nn.Embedding(config.buckets, config.bias_columns)

    def forward(self, mask: Tensor | None, keys: int) -> Tensor:
        """Return what is added to the scores ``(batch or 1, columns, keys, keys)``.

        It is minus infinity where ``mask``, ``(batch, 1, 1, keys)``, is False.
        """
        spans = self.by_distance(keys).unfold(0, keys, 1)  # (keys, columns, keys), last query first
        bias = spans.flip(0).transpose(0, 1)[None]
        return bias if mask is None else bias.masked_fill(~mask, -torch.inf)

    def by_distance(self, keys: int) -> Tensor:
        """Return the bias ``(2 keys - 1, columns)`` of the distances ``1 - keys`` to ``keys - 1``.

        A distance is the place of the key minus that of the query.
        """
        weight = self.table.weight
        distances = torch.arange(1 - keys, keys, device=weight.device)
        bias: Tensor = self.table(bucket(distances, len(weight)))
        return bias


def keep_bias_heads(
    config: SlimBertConfig, state: dict[str, Tensor], bias_heads: list[list[int]]
) -> None:
    """Set ``config.bias_heads``; columns that no head uses any more leave ``state``.

    Without layers there is no bias.
    """
    if not bias_heads:
        config.buckets, config.bias_heads = 0, []
        del state[TABLE]
        return
    used = sorted({column for columns in bias_heads for column in columns})
    config.bias_heads = [[used.index(column) for column in columns] for columns in bias_heads]
    if used:
        state[TABLE] = state[TABLE][:, used]


def bucket(distances: Tensor, buckets: int) -> Tensor:
    """Return the bucket of each of ``distances``: half of them for keys after the query.

    Small distances have one each, larger ones share them in logarithmic steps.
    """
    half, away = buckets // 2, distances.abs()
    exact = half // 2
    steps = torch.log(away.clamp(min=1).float() / exact) / math.log(FARTHEST / exact)
    shared = exact + (steps * (half - exact)).long()
    return half * (distances > 0) + torch.where(away < exact, away, shared.clamp(max=half - 1))
