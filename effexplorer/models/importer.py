"""Import: the weights of a BERT-like checkpoint become a dense SlimBert."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging

from effexplorer.errors import UserError
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.config_check import ALIASES, config_problem
from effexplorer.models.families import FAMILIES, Family
from effexplorer.models.labels import as_it_is_problem, matched_rows
from effexplorer.models.load_report import check_report, drawn_weights
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.models.source import locate
from effexplorer.models.spec import ModelSpec


def import_model(
    spec: ModelSpec,
    names: Sequence[str],
    *,
    seed: int = 0,
    as_it_is: bool = False,
    mean: float | None = None,
) -> SlimBertForSequenceClassification:
    """Return the dense SlimBert of ``spec`` for a task with the labels ``names``; none: a number.

    See ``import_checkpoint``, whose errors it raises, and those of ``locate``.
    """
    return import_checkpoint(
        locate(spec).folder,
        labels=len(names) or 1,
        pooling=spec.pooling,
        seed=seed,
        names=names,
        as_it_is=as_it_is,
        mean=mean,
    )


def import_checkpoint(
    folder: str | Path,
    *,
    labels: int,
    pooling: str = "cls",
    seed: int = 0,
    names: Sequence[str] = (),
    as_it_is: bool = False,
    mean: float | None = None,
) -> SlimBertForSequenceClassification:
    """Return the dense SlimBert of the checkpoint in ``folder``, with ``labels`` outputs.

    transformers reads the file, so that every format that it knows is accepted; heads that the
    checkpoint lacks, or has for other labels, are drawn with ``seed``. Outputs that the checkpoint
    calls by ``names``, those of a task's labels, are put into that order. With ``as_it_is`` a head
    is neither drawn nor of other names. ``mean`` is that of the targets of a regression: a head
    that is drawn begins with it as its answer, since a bias moves by the learning rate a step at
    most, and from 0 the layers would have to make up for it.

    Raises UserError for another model family, and for a folder whose files are damaged, do not fit
    together or lack a part of the encoder, or where ``as_it_is`` cannot be.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        source, report = _read(folder, labels)
        check_report(report, FAMILIES[source.config.model_type])
        model = from_transformers(source, pooling="cls" if as_it_is else pooling)
    head = FAMILIES[source.config.model_type].head
    drawn = [name for name in drawn_weights(report) if name.startswith(head)]
    label_names = tuple(name for _, name in sorted(source.config.id2label.items()))
    if as_it_is:
        problem = as_it_is_problem("the checkpoint", () if drawn else label_names, names)
        if problem:
            raise UserError(problem)
    if drawn and mean is not None:
        model.classifier.bias.data.fill_(mean)
    rows = matched_rows(label_names, names)
    if rows and not drawn:
        _reorder(model, rows, label_names)
    for name, value in model.state_dict().items():
        if not value.isfinite().all():
            raise UserError(f"model: must have finite weights; got others in {name}.")
    return model


def _read(folder: str | Path, labels: int) -> tuple[PreTrainedModel, dict[str, Any]]:
    """Return transformers' own model, and what it tells of how the file fits it."""
    try:
        plain, _ = PreTrainedConfig.get_config_dict(folder)
        if problem := config_problem(plain):
            raise UserError(problem)
        with _quiet():
            model, report = AutoModelForSequenceClassification.from_pretrained(
                folder,
                num_labels=labels,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,  # a head of other labels is drawn anew
                output_loading_info=True,
            )
        return model, report
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(
            f"model: must be a whole checkpoint of transformers; got {reason}."
        ) from error


def from_transformers(source: Any, *, pooling: str = "cls") -> SlimBertForSequenceClassification:
    """Return the SlimBert with the weights of a transformers classifier of ``FAMILIES``.

    With ``pooling="cls"`` its logits are those of ``source``.
    """
    model = SlimBertForSequenceClassification(_config(source.config, pooling))
    state = _state(source.state_dict(), FAMILIES[source.config.model_type])
    if pooling != "cls":
        state = {name: value for name, value in state.items() if not name.startswith("pooler")}
    model.load_state_dict(state)
    model.eval()
    return model


@torch.no_grad()
def _reorder(
    model: SlimBertForSequenceClassification, rows: list[int], names: Sequence[str]
) -> None:
    """Put the classifier's outputs into the order ``rows``, and their ``names`` with them."""
    for tensor in (model.classifier.weight, model.classifier.bias):
        tensor.copy_(tensor[rows])
    model.config.id2label = dict(enumerate(names[row] for row in rows))
    model.config.label2id = {name: index for index, name in model.config.id2label.items()}


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


def _config(config: PreTrainedConfig, pooling: str) -> SlimBertConfig:
    family, layers = FAMILIES[config.model_type], config.num_hidden_layers

    def setting(name: str) -> Any:
        return getattr(config, family.names.get(name, name))

    heads, width = config.num_attention_heads, config.hidden_size
    inner = getattr(config, "embedding_size", width)
    fields = {
        "vocab_size": config.vocab_size,
        "hidden_size": width,
        "head_size": width // heads,
        "heads": [heads] * layers,
        "ffn": [setting("intermediate_size")] * layers,
        "activation": ALIASES.get(setting("hidden_act"), setting("hidden_act")),
        "max_position_embeddings": config.max_position_embeddings,
        "position_offset": config.pad_token_id + 1 if family.padded_positions else 0,
        "type_vocab_size": getattr(config, "type_vocab_size", 0),
        "layer_norm_eps": getattr(config, "layer_norm_eps", 0.0),
        "pad_token_id": config.pad_token_id or 0,
        "dropout": setting("hidden_dropout_prob"),
        "attention_dropout": setting("attention_probs_dropout_prob"),
        "pooling": pooling,
        "embedding_size": 0 if inner == width else inner,
        "num_labels": config.num_labels,
    }
    return SlimBertConfig(**fields | family.fields)


def _state(source: dict[str, Tensor], family: Family) -> dict[str, Tensor]:
    """Return the weights under SlimBert's names; query, key and value are joined."""
    first = f"{family.root}.{family.layers}."
    indices = {int(name[len(first) :].split(".")[0]) for name in source if name.startswith(first)}
    names = family.module_names(len(indices))
    state = {}
    for index in indices:
        for kind in ("weight", "bias"):
            joined = [source[f"{name}.{kind}"] for name in family.attention_names(index)]
            state[f"layers.{index}.qkv.{kind}"] = torch.cat(joined)
    for old, new in names.items():
        for kind in ("weight", "bias"):
            if f"{old}.{kind}" in source:
                state[f"{new}.{kind}"] = source[f"{old}.{kind}"]
    task_types = source.get(f"{family.root}.embeddings.task_type_embeddings.weight")
    if task_types is not None:  # ERNIE adds the first of them to every token
        state["embeddings.token_type.weight"] = (
            state["embeddings.token_type.weight"] + task_types[0]
        )
    return state


# What transformers and torch raise for files and configs that are not what they should be.
_UNREADABLE = (
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SafetensorError,
    StrictDataclassError,
    TypeError,
    ValueError,
    torch.serialization.pickle.UnpicklingError,  # type: ignore[attr-defined]  # of torch.load
)
