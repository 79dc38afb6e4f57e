"""Import: the weights of a BERT-like checkpoint become a dense SlimBert."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedConfig
from transformers.utils import logging

from effexplorer.errors import UserError
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.families import FAMILIES, Family
from effexplorer.models.layers import ACTIVATIONS
from effexplorer.models.slimbert import SlimBertForSequenceClassification


def import_checkpoint(
    folder: str | Path, *, labels: int, pooling: str = "cls", seed: int = 0
) -> SlimBertForSequenceClassification:
    """Return the dense SlimBert of the checkpoint in ``folder``, with ``labels`` outputs.

    transformers reads the file, so that every format that it knows is accepted; heads that the
    checkpoint lacks, or has for other labels, are drawn with ``seed``. Raises UserError for another
    model family, and for a folder whose files are damaged, do not fit together or lack a part of
    the encoder.
    """
    try:
        plain, _ = PreTrainedConfig.get_config_dict(folder)
        family, activation = plain.get("model_type"), plain.get("hidden_act", "gelu")
        _check("of the family", FAMILIES, family)
        _check("with the activation", ACTIVATIONS, activation)
        with torch.random.fork_rng(devices=[]), _quiet():
            torch.manual_seed(seed)
            source, report = AutoModelForSequenceClassification.from_pretrained(
                folder,
                num_labels=labels,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,  # a head of other labels is drawn anew
                output_loading_info=True,
            )
            drawn = {*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])}
            lacking = [name for name in drawn if not name.startswith(_HEADS)]
            if lacking:
                raise ValueError(f"no {min(lacking)} of the shape that config.json tells")
            return from_transformers(source, pooling=pooling)
    except (OSError, SafetensorError, RuntimeError, ValueError, StrictDataclassError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(
            f"model: must be a whole checkpoint of transformers; got {reason}."
        ) from error


def from_transformers(source, *, pooling: str = "cls") -> SlimBertForSequenceClassification:
    """Return the SlimBert with the weights of a transformers classifier of ``FAMILIES``.

    With ``pooling="cls"`` its logits are those of ``source``.
    """
    model = SlimBertForSequenceClassification(_config(source.config, pooling))
    state = _state(source.state_dict(), FAMILIES[source.config.model_type])
    if pooling != "cls":
        state = {name: value for name, value in state.items() if not name.startswith("pooler")}
    model.load_state_dict(state)
    return model.eval()


def _check(what: str, allowed: Iterable[str], value: object) -> None:
    if value not in allowed:
        raise UserError(f"model: must be {what} {' or '.join(allowed)}; got {str(value)[:40]}.")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from telling that the classifier is new, and from drawing bars."""
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()


def _config(config, pooling: str) -> SlimBertConfig:
    layers = config.num_hidden_layers
    fields = {
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "head_size": config.hidden_size // config.num_attention_heads,
        "heads": [config.num_attention_heads] * layers,
        "ffn": [config.intermediate_size] * layers,
        "activation": config.hidden_act,
        "max_position_embeddings": config.max_position_embeddings,
        "type_vocab_size": getattr(config, "type_vocab_size", 0),
        "layer_norm_eps": config.layer_norm_eps,
        "pad_token_id": config.pad_token_id,
        "dropout": config.hidden_dropout_prob,
        "attention_dropout": config.attention_probs_dropout_prob,
        "pooling": pooling,
        "num_labels": config.num_labels,
    }
    return SlimBertConfig(**fields | FAMILIES[config.model_type].fields(config))


def _state(source: dict[str, Tensor], family: Family) -> dict[str, Tensor]:
    """Return the weights under SlimBert's names; query, key and value are joined."""
    root = f"{family.root}."
    names = {f"{root}embeddings.{old}": f"embeddings.{new}" for old, new in _EMBEDDINGS.items()}
    names |= {f"{root}{old}": new for old, new in family.tables.items()}
    names |= dict(zip(family.head, ("pooler", "classifier"), strict=True))
    state = {}
    layers = {name.split(".")[3] for name in source if name.startswith(f"{root}encoder.layer.")}
    for index in layers:
        old, new = f"{root}encoder.layer.{index}", f"layers.{index}"
        names |= {f"{old}.{part}": f"{new}.{name}" for part, name in family.parts.items()}
        for kind in ("weight", "bias"):
            joined = [source[f"{old}.{name}.{kind}"] for name in family.query_key_value]
            state[f"{new}.qkv.{kind}"] = torch.cat(joined)
    for old, new in names.items():
        for kind in ("weight", "bias"):
            if f"{old}.{kind}" in source:
                state[f"{new}.{kind}"] = source[f"{old}.{kind}"]
    return state


_EMBEDDINGS = {
    "word_embeddings": "word",
    "position_embeddings": "position",
    "token_type_embeddings": "token_type",
    "LayerNorm": "norm",
}
_HEADS = ("bert.pooler.", "classifier.")
