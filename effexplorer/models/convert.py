"""Conversions between shapes and number formats: each returns a new model, with new tensors."""

from __future__ import annotations

import copy

import torch

from effexplorer.models.slimbert import SlimBertForSequenceClassification


@torch.no_grad()
def to_numeric(
    model: SlimBertForSequenceClassification, numeric: str
) -> SlimBertForSequenceClassification:
    """Return an fp32 or int8-aware ``model`` in the format ``numeric``."""
    config = copy.deepcopy(model.config)
    config.numeric = numeric
    converted = SlimBertForSequenceClassification(config)
    quantized = set()
    for name, module in converted.named_modules():
        if hasattr(module, "fill"):
            module.fill(model.get_submodule(name).weight)
            quantized.add(name)
    target = converted.state_dict()
    for name, value in model.state_dict().items():
        owner, _, tensor = name.rpartition(".")
        if owner not in quantized or tensor == "bias":
            target[name].copy_(value)
    return converted.train(model.training)


def finished(model: SlimBertForSequenceClassification) -> SlimBertForSequenceClassification:
    """Return ``model`` as it is saved and measured: int8-aware weights become int8."""
    return to_numeric(model, "int8") if model.config.numeric == "int8-aware" else model


@torch.no_grad()
def keep_layers(
    model: SlimBertForSequenceClassification, layers: list[int]
) -> SlimBertForSequenceClassification:
    """Return a copy of ``model`` with the layers ``layers`` only, in that order."""
    config = copy.deepcopy(model.config)
    config.heads = [config.heads[index] for index in layers]
    config.ffn = [config.ffn[index] for index in layers]
    smaller = SlimBertForSequenceClassification(config)
    names = {f"layers.{old}.": f"layers.{new}." for new, old in enumerate(layers)}
    state = {}
    for name, value in model.state_dict().items():
        if not name.startswith("layers."):
            state[name] = value
            continue
        for old, new in names.items():
            if name.startswith(old):
                state[new + name.removeprefix(old)] = value
    smaller.load_state_dict(state)
    return smaller.train(model.training)
