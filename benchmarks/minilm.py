"""MiniLM twice with the same weights, as transformers' BERT and as SlimBert; random sentences."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from transformers import BertForSequenceClassification
from transformers.utils import logging

from effexplorer.models.catalog import find_model
from effexplorer.models.importer import from_transformers
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.models.source import locate

SHAPES = ((1, 32), (32, 32))  # sentences x word pieces


def peer_model(seed: int = 0) -> BertForSequenceClassification:
    """Return MiniLM as transformers' classifier, fp32 and SDPA; ``seed`` draws its head."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    folder = locate(find_model("minilm")).folder
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = BertForSequenceClassification.from_pretrained(
            folder, num_labels=2, attn_implementation="sdpa", dtype=torch.float32
        )
    return model.eval()


def pair() -> tuple[SlimBertForSequenceClassification, BertForSequenceClassification]:
    """Return SlimBert and its peer with the same weights."""
    peer = peer_model()
    return from_transformers(peer), peer


def random_sentences(sentences: int, tokens: int) -> tuple[Tensor, Tensor]:
    """Return ids and an attention mask of ones, both ``(sentences, tokens)``."""
    chance = torch.Generator().manual_seed(0)
    ids = torch.randint(1_000, 30_000, (sentences, tokens), generator=chance)
    return ids, torch.ones_like(ids)


def asking(model: torch.nn.Module, ids: Tensor, mask: Tensor) -> Callable[[], Tensor]:
    """Return a call without arguments that gives the logits ``(sentences, 2)`` of ``model``."""

    def ask() -> Tensor:
        with torch.inference_mode():
            return model(input_ids=ids, attention_mask=mask).logits

    return ask
