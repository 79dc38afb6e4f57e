"""Narrower models: heads, feed-forward neurons and the word embedding, cut into new tensors."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from effexplorer.models.config import SlimBertConfig
from effexplorer.models.position_bias import keep_bias_heads
from effexplorer.models.slimbert import SlimBertForSequenceClassification


@torch.no_grad()
def keep_width(
    model: SlimBertForSequenceClassification,
    heads: Sequence[Sequence[int]],
    neurons: Sequence[Sequence[int]],
) -> SlimBertForSequenceClassification:
    """Return a copy of an fp32 or int8-aware ``model`` with fewer heads and neurons.

    ``heads`` and ``neurons`` hold, per layer, the ones that stay (from 0), in their new order.
    """
    config = copy.deepcopy(model.config)
    config.heads = [len(kept) for kept in heads]
    config.ffn = [len(kept) for kept in neurons]
    state = model.state_dict()
    for index, layer in enumerate(model.layers):
        size, name = layer.head_size, f"layers.{index}"
        inner = _places(heads[index], size)  # (kept heads * head_size,)
        qkv = _places(range(3), layer.heads * size, inner)  # (3 * kept heads * head_size,)
        width = torch.as_tensor(neurons[index])
        for tensor, kept in (("qkv", qkv), ("up", width)):
            state[f"{name}.{tensor}.weight"] = state[f"{name}.{tensor}.weight"][kept]
            state[f"{name}.{tensor}.bias"] = state[f"{name}.{tensor}.bias"][kept]
        for tensor, kept in (("output", inner), ("down", width)):
            state[f"{name}.{tensor}.weight"] = state[f"{name}.{tensor}.weight"][:, kept]
    if config.buckets:
        columns = zip(config.bias_heads, heads, strict=True)
        keep_bias_heads(config, state, [[own[head] for head in kept] for own, kept in columns])
    return _filled(model, config, state)


@torch.no_grad()
def factorise(
    model: SlimBertForSequenceClassification, rank: int
) -> SlimBertForSequenceClassification:
    """Return a copy of an fp32 or int8-aware ``model`` with a word embedding of rank ``rank``.

    The table E ``(words, width)`` becomes ``U_k S_k`` ``(words, rank)`` and a linear map ``V_k``,
    its truncated singular value decomposition, the nearest of that rank (Eckart and Young 1936).
    The columns of V are the eigenvectors of the small matrix ``E^T E``, and ``E V_k = U_k S_k``.
    """
    config = copy.deepcopy(model.config)
    config.rank = rank
    table = word_table(model).double()
    _, vectors = torch.linalg.eigh(table.T @ table)  # (width, width), eigenvalues rising
    basis = vectors[:, -rank:].flip(1)  # (width, rank)
    state = model.state_dict()
    state["embeddings.word.weight"] = (table @ basis).float()  # (words, rank)
    state["embeddings.word_up.weight"] = basis.float()
    return _filled(model, config, state)


def word_table(model: SlimBertForSequenceClassification) -> Tensor:
    """Return the word embedding ``(words, width)``, multiplied out if it is factorised."""
    table, up = model.embeddings.word.get_parameter("weight"), model.embeddings.word_up
    return table if up is None else table @ up.get_parameter("weight").T


def _places(blocks: Sequence[int], size: int, within: Tensor | None = None) -> Tensor:
    """Return the places ``within`` (all of them by default) each of ``blocks`` of ``size``."""
    within = torch.arange(size) if within is None else within
    return (torch.as_tensor(blocks)[:, None] * size + within).flatten()


def _filled(
    model: SlimBertForSequenceClassification, config: SlimBertConfig, state: dict[str, Tensor]
) -> SlimBertForSequenceClassification:
    config.temperatures = []
    narrower = SlimBertForSequenceClassification(config)
    narrower.load_state_dict(state)
    narrower.train(model.training)
    return narrower
