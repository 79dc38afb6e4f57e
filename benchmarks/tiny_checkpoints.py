"""Tiny random checkpoints of every family, as transformers saves them, with their tokenizers."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    ByteLevelBPETokenizer,
    SentencePieceUnigramTokenizer,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from effexplorer.tasks.data import load_task

WORDS = 600
LENGTH = 64  # positions
BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
UNKNOWN = "<unk>"
SPECIAL = ("<s>", "<pad>", "</s>", UNKNOWN, "<mask>")
_NAMES = ("cls_token", "pad_token", "sep_token", "unk_token", "mask_token")
SPREAD = 0.1  # of the noise on every weight, so that no norm is the identity
_SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
_LABELS = {"id2label": {0: "negative", 1: "positive"}, "label2id": {"negative": 0, "positive": 1}}


def word_pieces() -> PreTrainedTokenizerFast:
    """Return BERT's kind."""
    return transformers.BertTokenizerFast(vocab=_word_pieces(BERT_SPECIAL, "[UNK]"))


def word_pieces_of_distilbert() -> PreTrainedTokenizerFast:
    """Return BERT's kind without token types."""
    tokenizer = word_pieces()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return tokenizer


def word_pieces_of_mpnet() -> PreTrainedTokenizerFast:
    """Return MPNet's kind: word pieces between RoBERTa's special tokens."""
    vocabulary = _word_pieces(SPECIAL, UNKNOWN)
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, vocabulary[token]) for token in ("<s>", "</s>")]
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ends
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_input_names=["input_ids", "attention_mask"],
        **dict(zip(_NAMES, SPECIAL, strict=True)),
    )


def byte_pairs() -> PreTrainedTokenizerFast:
    """Return RoBERTa's kind: byte pairs."""
    learned = ByteLevelBPETokenizer()
    learned.train_from_iterator(
        _texts(), vocab_size=WORDS, special_tokens=list(SPECIAL), show_progress=False
    )
    model = json.loads(learned.to_str())["model"]
    return transformers.RobertaTokenizerFast(
        vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]]
    )


def sentence_pieces(kind: str) -> PreTrainedTokenizerFast:
    """Return XLM-RoBERTa's or CamemBERT's kind: SentencePiece's Unigram."""
    learned = SentencePieceUnigramTokenizer()
    learned.train_from_iterator(
        _texts(),
        vocab_size=WORDS,
        special_tokens=list(SPECIAL),
        unk_token=UNKNOWN,
        show_progress=False,
    )
    pieces = [tuple(entry) for entry in json.loads(learned.to_str())["model"]["vocab"]]
    return getattr(transformers, f"{kind}TokenizerFast")(vocab=pieces)


@functools.cache
def _texts() -> list[str]:
    return list(load_task("reviews").train.texts[0])


def _word_pieces(special: tuple[str, ...], unknown: str) -> dict[str, int]:
    learned = Tokenizer(models.WordPiece(unk_token=unknown))
    learned.normalizer = normalizers.BertNormalizer()
    learned.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=WORDS, special_tokens=list(special), show_progress=False
    )
    learned.train_from_iterator(_texts(), trainer)
    return dict(learned.get_vocab())


_ROBERTA: dict[str, Any] = {
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "type_vocab_size": 1,
    "max_position_embeddings": LENGTH + 2,
}
_DISTILBERT = {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 64}

# By family, as transformers' classes begin: the tokenizer, and the config's fields.
FAMILIES: dict[str, tuple[Callable[[], PreTrainedTokenizerFast], dict[str, Any]]] = {
    "Bert": (word_pieces, _SHAPE),
    "Roberta": (byte_pairs, _SHAPE | _ROBERTA),
    "XLMRoberta": (functools.partial(sentence_pieces, "XLMRoberta"), _SHAPE | _ROBERTA),
    "Camembert": (functools.partial(sentence_pieces, "Camembert"), _SHAPE | _ROBERTA),
    "DistilBert": (word_pieces_of_distilbert, _DISTILBERT),
    "Electra": (word_pieces, _SHAPE | {"embedding_size": 16}),
    "MPNet": (word_pieces_of_mpnet, _SHAPE | {"max_position_embeddings": LENGTH + 2}),
    "Ernie": (word_pieces, _SHAPE),
}


def save_checkpoint(family: str, folder: Path) -> None:
    """Save a random classifier of two labels of ``family``, and its tokenizer, into ``folder``."""
    make_tokenizer, shape = FAMILIES[family]
    tokenizer = make_tokenizer()
    tokenizer.model_max_length = LENGTH
    config = getattr(transformers, f"{family}Config")(
        **{"vocab_size": len(tokenizer), "max_position_embeddings": LENGTH} | shape | _LABELS
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = getattr(transformers, f"{family}ForSequenceClassification")(config)
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * SPREAD)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
