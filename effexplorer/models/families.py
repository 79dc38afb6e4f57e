"""Families: where the weights of each kind of checkpoint stand, and how its layers differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_EMBEDDINGS = {
    "word_embeddings": "word",
    "position_embeddings": "position",
    "token_type_embeddings": "token_type",
    "LayerNorm": "norm",
}
_BERT_PARTS = {
    "attention.output.dense": "output",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "ffn_norm",
}
_BERT_ATTENTION = ("attention.self.query", "attention.self.key", "attention.self.value")
_DENSE_THEN_OUT = ("classifier.dense", "classifier.out_proj")


@dataclass(frozen=True)
class Family:
    """One family of transformers' models, whose layers are BERT's but for what stands here.

    ``root`` and ``layers`` are how names of an encoder's and its layers' weights begin, ``head``
    names the dense layer and the classifier, ``attention`` the matrices of query, key and value,
    and ``parts`` a layer's other modules, as SlimBert calls them; ``modules`` are others that stand
    alone. ``names`` are fields of the config that are called otherwise than BERT's, ``fields`` are
    SlimBert's that no config tells. With ``padded_positions`` positions start after the padding id.
    """

    root: str
    head: tuple[str, str]
    layers: str = "encoder.layer"
    attention: tuple[str, str, str] = _BERT_ATTENTION
    parts: dict[str, str] = field(default_factory=lambda: _BERT_PARTS)
    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    padded_positions: bool = False

    def module_names(self, layers: int) -> dict[str, str]:
        """Return the names of the modules and what SlimBert calls them, ``layers`` layers deep.

        Query, key and value are not among them: SlimBert has one matrix for the three.
        """
        root = f"{self.root}."
        names = {f"{root}embeddings.{old}": f"embeddings.{new}" for old, new in _EMBEDDINGS.items()}
        names |= {f"{root}{old}": new for old, new in self.modules.items()}
        names |= dict(zip(self.head, ("pooler", "classifier"), strict=True))
        for index in range(layers):
            first = f"{root}{self.layers}.{index}."
            names |= {f"{first}{old}": f"layers.{index}.{new}" for old, new in self.parts.items()}
        return names

    def attention_names(self, layer: int) -> list[str]:
        """Return the names of the matrices of query, key and value in ``layer``, from 0."""
        return [f"{self.root}.{self.layers}.{layer}.{name}" for name in self.attention]


_ROBERTA = Family("roberta", _DENSE_THEN_OUT, padded_positions=True)

FAMILIES: dict[str, Family] = {
    "bert": Family("bert", ("bert.pooler.dense", "classifier")),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "distilbert": Family(
        "distilbert",
        ("pre_classifier", "classifier"),
        layers="transformer.layer",
        attention=("attention.q_lin", "attention.k_lin", "attention.v_lin"),
        parts={
            "attention.out_lin": "output",
            "sa_layer_norm": "attention_norm",
            "ffn.lin1": "up",
            "ffn.lin2": "down",
            "output_layer_norm": "ffn_norm",
        },
        names={
            "num_hidden_layers": "n_layers",
            "hidden_size": "dim",
            "num_attention_heads": "n_heads",
            "intermediate_size": "hidden_dim",
            "hidden_act": "activation",
            "hidden_dropout_prob": "dropout",
            "attention_probs_dropout_prob": "attention_dropout",
        },
        fields={"type_vocab_size": 0, "layer_norm_eps": 1e-12, "head_activation": "relu"},
    ),
    "electra": Family(
        "electra",
        _DENSE_THEN_OUT,
        modules={"embeddings_project": "embeddings.project"},
        fields={"head_activation": "gelu"},
    ),
    "ernie": Family("ernie", ("ernie.pooler.dense", "classifier")),
    "mpnet": Family(
        "mpnet",
        _DENSE_THEN_OUT,
        attention=("attention.attn.q", "attention.attn.k", "attention.attn.v"),
        parts={
            "attention.attn.o": "output",
            "attention.LayerNorm": "attention_norm",
            "intermediate.dense": "up",
            "output.dense": "down",
            "output.LayerNorm": "ffn_norm",
        },
        modules={"encoder.relative_attention_bias": "position_bias.table"},
        # transformers fixes the padding id and the number of buckets, whatever the config says.
        fields={"position_offset": 2, "type_vocab_size": 0, "buckets": 32},
    ),
}
