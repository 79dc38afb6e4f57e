"""What a checkpoint's config.json tells: its layers, and whether the model can be read at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from effexplorer import limits
from effexplorer.models.families import FAMILIES

ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu")
# The same functions under other names, to the last bits of a float.
ALIASES = {
    "gelu_python": "gelu",
    "gelu_accurate": "gelu_new",
    "gelu_fast": "gelu_new",
    "gelu_python_tanh": "gelu_pytorch_tanh",
    "swish": "silu",
}
OTHERS = {
    "albert": "whose layers share one set of weights",
    "big_bird": "whose attention is sparse",
    "deberta": "whose attention weighs content and position apart",
    "deberta-v2": "whose attention weighs content and position apart",
    "longformer": "whose attention is sparse",
    "modernbert": "whose positions are rotations and whose norms stand before the layers",
    "roformer": "whose positions are rotations",
    "slimbert": "which is a model of effexplorer, compressed before",
}
_SIZES = (
    "num_hidden_layers",
    "hidden_size",
    "num_attention_heads",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
)


def layer_count(plain: Any) -> int | None:
    """Return the layers that a config tells, or None where it tells none that there could be."""
    layers = _setting(plain, "num_hidden_layers") if isinstance(plain, dict) else None
    return layers if _is_size(layers) else None


def config_problem(plain: Any) -> str | None:
    """Return why a model with this config cannot be read, in one sentence, or None."""
    if not isinstance(plain, dict):
        return f"model: config.json must hold an object; got {type(plain).__name__}."
    family = plain.get("model_type")
    if not isinstance(family, str) or family not in FAMILIES:
        *most, last = FAMILIES
        why = OTHERS.get(family) if isinstance(family, str) else None
        got = str(family)[:40] + (f", {why}" if why else "")
        return f"model: must be of the family {', '.join(most)} or {last}; got {got}."
    return _size_problem(plain) or _kind_problem(plain)


def _size_problem(plain: dict[str, Any]) -> str | None:
    sizes = {name: value for name in _SIZES if (value := _setting(plain, name)) is not None}
    null = {name: None for name in _SIZES if name in plain and plain[name] is None}
    for name, value in (sizes | null).items():
        if not _is_size(value):
            return f"model: {name} must be a whole number above 0; got {str(value)[:40]}."
    if sizes.get("hidden_size", 0) % sizes.get("num_attention_heads", 1):
        return (
            f"model: hidden_size must be a multiple of num_attention_heads; "
            f"got {sizes['hidden_size']} and {sizes['num_attention_heads']}."
        )
    width, ffn = sizes.get("hidden_size", 0), sizes.get("intermediate_size", 0)
    tables = sizes.get("vocab_size", 0) + sizes.get("max_position_embeddings", 0)
    inner = plain.get("embedding_size")
    size = tables * (inner if _is_size(inner) else width)
    size += sizes.get("num_hidden_layers", 0) * (4 * width + 2 * ffn) * width
    if size > limits.MAX_PARAMETERS:
        return (
            f"model: must have at most {limits.MAX_PARAMETERS:,} parameters; "
            f"config.json tells of {min(size, 10**18):,}."
        )
    return None


def _kind_problem(plain: dict[str, Any]) -> str | None:
    positions = plain.get("position_embedding_type") or "absolute"
    if positions != "absolute":
        return (
            "model: position_embedding_type must be absolute, since transformers no longer reads "
            f"others; got {str(positions)[:40]}."
        )
    for name in ("is_decoder", "add_cross_attention"):
        if plain.get(name):
            return f"model: must be an encoder; got {name}: {str(plain[name])[:40]} in config.json."
    for name in ("quantization_config", "pruned_heads"):
        if plain.get(name):
            return f"model: must have whole weights in floating point; got {name} in config.json."
    activation = _setting(plain, "hidden_act") or "gelu"
    if ALIASES.get(str(activation), activation) not in ACTIVATIONS:
        names = " or ".join(ACTIVATIONS)
        return f"model: must be with the activation {names}; got {str(activation)[:40]}."
    labels = plain.get("id2label")
    if labels is not None and not isinstance(labels, dict):
        return f"model: id2label must map numbers to names; got {type(labels).__name__}."
    padding = plain.get("pad_token_id", 0)
    if FAMILIES[plain["model_type"]].padded_positions and not _is_count(padding):
        return (
            "model: pad_token_id must be a number, after which positions start; "
            f"got {str(padding)[:40]}."
        )
    return None


def _setting(plain: Mapping[str, Any], name: str) -> Any:
    """Return what the config says under its family's name for ``name``, or under ``name``."""
    family = FAMILIES.get(str(plain.get("model_type")))
    own = family.names.get(name, name) if family else name
    return plain.get(own, plain.get(name))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_size(value: Any) -> bool:
    return _is_count(value) and value > 0
