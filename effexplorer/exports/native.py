"""The same model as one of transformers' own classes, where its shape allows that."""

from __future__ import annotations

import torch
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    PreTrainedConfig,
    PreTrainedModel,
)

from effexplorer.models.families import FAMILIES, Family
from effexplorer.models.slimbert import SlimBertForSequenceClassification


def obstacle(model: SlimBertForSequenceClassification) -> str | None:
    """Return why no class of transformers holds ``model``, in words, or None."""
    config = model.config
    whole = [config.hidden_size // config.head_size] * len(config.heads)
    every = [list(range(count)) for count in config.heads] if config.buckets else []
    if config.numeric != "fp32":
        return f"its weights are {config.numeric}"
    if config.pooling != "cls":
        return f"its pooling is the {config.pooling}"
    if not config.heads:
        return "it has no layers"
    if config.heads != whole or config.bias_heads != every:
        return "heads were taken away"
    if len(set(config.ffn)) > 1:
        return "its layers have different widths"
    if config.rank:
        return "its word embedding is factorised"
    return None if _family(model) else "its parts are those of no one family"


def to_transformers(model: SlimBertForSequenceClassification) -> PreTrainedModel:
    """Return ``model``, which has no ``obstacle``, with the last exit alone, as their own class."""
    kind = _family(model)
    source = AutoModelForSequenceClassification.from_config(_config(model, kind))
    source.load_state_dict(_state(model, FAMILIES[kind]), strict=False)
    return source.eval()


def _family(model: SlimBertForSequenceClassification) -> str:
    """Return the family that has the parts of ``model``, "" where there is none."""
    config = model.config
    if config.buckets:
        return "mpnet" if config.position_offset == 2 and config.pad_token_id == 1 else ""
    if config.head_activation == "gelu":
        return "electra"
    if config.head_activation == "relu":
        return "" if config.type_vocab_size or config.position_offset else "distilbert"
    if config.embedding_size or not config.type_vocab_size:
        return ""
    if config.position_offset:
        return "roberta" if config.position_offset == config.pad_token_id + 1 else ""
    return "bert"


def _config(model: SlimBertForSequenceClassification, kind: str) -> PreTrainedConfig:
    ours, names = model.config, FAMILIES[kind].names
    fields = {
        "num_hidden_layers": len(ours.heads),
        "hidden_size": ours.hidden_size,
        "num_attention_heads": ours.heads[0],
        "intermediate_size": ours.ffn[0],
        "hidden_act": ours.activation,
        "hidden_dropout_prob": ours.dropout,
        "attention_probs_dropout_prob": ours.attention_dropout,
    }
    fields = {names.get(name, name): value for name, value in fields.items()}
    same = ("vocab_size", "max_position_embeddings", "layer_norm_eps", "pad_token_id")
    fields |= {name: getattr(ours, name) for name in same}
    if ours.type_vocab_size:
        fields["type_vocab_size"] = ours.type_vocab_size
    if kind == "electra":
        fields["embedding_size"] = ours.embedding_width
    if ours.buckets:
        fields["relative_attention_num_buckets"] = ours.buckets
    return AutoConfig.for_model(kind, num_labels=ours.num_labels, **fields)


def _state(model: SlimBertForSequenceClassification, family: Family) -> dict[str, torch.Tensor]:
    """Return the weights under the family's names; query, key and value apart."""
    ours, state = model.state_dict(), {}
    for theirs, name in family.module_names(len(model.layers)).items():
        for kind in ("weight", "bias"):
            if f"{name}.{kind}" in ours:
                state[f"{theirs}.{kind}"] = ours[f"{name}.{kind}"]
    for index in range(len(model.layers)):
        for kind in ("weight", "bias"):
            parts = ours[f"layers.{index}.qkv.{kind}"].chunk(3)
            for theirs, part in zip(family.attention_names(index), parts, strict=True):
                state[f"{theirs}.{kind}"] = part.contiguous()
    return state
