"""Conversions between shapes and number formats: each returns a new model, with new tensors."""

from __future__ import annotations

import copy

import torch

from effexplorer.models.position_bias import keep_bias_heads
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
    converted.train(model.training)
    return converted


def finished(model: SlimBertForSequenceClassification) -> SlimBertForSequenceClassification:
    """Return ``model`` as it is saved and measured: int8-aware weights become int8."""
    return to_numeric(model, "int8") if model.config.numeric == "int8-aware" else model


@torch.no_grad()
def keep_layers(
    model: SlimBertForSequenceClassification, layers: list[int]
) -> SlimBertForSequenceClassification:
    """Return a copy of ``model`` with the layers ``layers`` only (from 0), in that order.

    An exit stays with its layer, one before any layer where it is; the new last layer gets the
    classifier of the old one.
    """
    config = copy.deepcopy(model.config)
    config.heads = [config.heads[index] for index in layers]
    config.ffn = [config.ffn[index] for index in layers]
    places = dict(zip([0, *(layer + 1 for layer in layers)], range(len(layers) + 1), strict=True))
    kept = [layer for layer in model.config.exits if places.get(layer, len(layers)) < len(layers)]
    config.exits = [places[layer] for layer in kept]
    config.temperatures = []
    names = {f"layers.{old}.": f"layers.{new}." for new, old in enumerate(layers)}
    for new, layer in enumerate(kept):
        names[f"exits.{model.config.exits.index(layer)}."] = f"exits.{new}."
    state = {}
    for name, value in model.state_dict().items():
        if not name.startswith(("layers.", "exits.")):
            state[name] = value
            continue
        for before, after in names.items():
            if name.startswith(before):
                state[after + name.removeprefix(before)] = value
    if config.buckets:
        keep_bias_heads(config, state, [config.bias_heads[index] for index in layers])
    smaller = SlimBertForSequenceClassification(config)
    smaller.load_state_dict(state)
    smaller.train(model.training)
    return smaller


@torch.no_grad()
def add_exits(
    model: SlimBertForSequenceClassification, *, first: int = 1
) -> SlimBertForSequenceClassification:
    """Return a copy of ``model`` with an exit after every layer from ``first`` on; 0 is before any.

    A new exit starts from the last one's classifier; exits that are there are kept.
    """
    config = copy.deepcopy(model.config)
    config.exits = list(range(first, config.num_hidden_layers))
    config.temperatures = []
    wider = SlimBertForSequenceClassification(config)
    state = {
        name: value for name, value in model.state_dict().items() if not name.startswith("exits.")
    }
    for new, layer in enumerate(config.exits):
        there = layer in model.config.exits
        head = model.exits[model.config.exits.index(layer)] if there else model.classifier
        state[f"exits.{new}.weight"], state[f"exits.{new}.bias"] = head.weight, head.bias
    wider.load_state_dict(state)
    wider.train(model.training)
    return wider
