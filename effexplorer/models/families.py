"""Families: where the weights of each kind of checkpoint stand, and how its layers differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_BERT_PARTS = {
    "attention.output.dense": "output",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "ffn_norm",
}
_MPNET_PARTS = {
    "attention.attn.o": "output",
    "attention.LayerNorm": "attention_norm",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "ffn_norm",
}


@dataclass(frozen=True)
class Family:
    """One family of transformers' models.

    ``head`` names the dense layer and the classifier, ``query_key_value`` the three matrices of a
    layer's attention, and ``parts`` a layer's other modules, as SlimBert calls them. ``tables`` are
    weights that stand alone. ``fields`` returns the fields of SlimBert's config, from transformers'
    own config, that differ from BERT's.
    """

    root: str
    head: tuple[str, str]
    parts: dict[str, str] = field(default_factory=lambda: _BERT_PARTS)
    query_key_value: tuple[str, str, str] = tuple(
        f"attention.self.{name}" for name in ("query", "key", "value")
    )
    tables: dict[str, str] = field(default_factory=dict)
    fields: Callable[[Any], dict[str, Any]] = lambda config: {}


FAMILIES: dict[str, Family] = {
    "bert": Family("bert", ("bert.pooler.dense", "classifier")),
    "roberta": Family(
        "roberta",
        ("classifier.dense", "classifier.out_proj"),
        fields=lambda config: {"position_offset": config.pad_token_id + 1},
    ),
    "mpnet": Family(
        "mpnet",
        ("classifier.dense", "classifier.out_proj"),
        parts=_MPNET_PARTS,
        query_key_value=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
        tables={"encoder.relative_attention_bias": "position_bias.table"},
        # transformers fixes the padding id and the number of buckets, whatever the config says.
        fields=lambda config: {"position_offset": 2, "type_vocab_size": 0, "buckets": 32},
    ),
}
