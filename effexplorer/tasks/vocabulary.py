"""Vocabulary: which tokens of a tokenizer a text needs, and the same tokenizer with those alone."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from effexplorer.errors import UserError

KINDS = ("WordPiece", "BPE", "Unigram")
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")


def token_counts(ids: list[list[int]], tokens: int) -> np.ndarray:
    """Return ``(tokens,)``: how often each of ``tokens`` token ids occurs in encoded texts."""
    return np.bincount(np.concatenate(ids), minlength=tokens)


def kind_problem(kind: str) -> str | None:
    """Return why the vocabulary of a tokenizer of this kind cannot be trimmed, or None."""
    if kind in KINDS:
        return None
    return f"trim: the model's tokenizer must be WordPiece, BPE or Unigram; got {kind}."


def kept_tokens(tokenizer: Any, counts: np.ndarray, minimum: int) -> list[int]:
    """Return, in rising order, the token ids that a trimmed vocabulary has.

    These are the ids that occur at least ``minimum`` times (``counts`` is ``(tokens,)``), special
    and added tokens, and every piece of a single character or byte, so that any word that the
    tokenizer could read still falls into pieces. With BPE, also what these are merged from; with
    Unigram (SentencePiece), also the unknown token and the least probable one, from which the cost
    of an unknown character follows. Raises UserError for a tokenizer of another kind.
    """
    plain = _plain(tokenizer)
    model = plain["model"]
    kept = {token["content"] for token in plain["added_tokens"]}
    for token, index in _places(model).items():
        if counts[index] >= minimum or len(_bare(token, model)) <= 1 or _BYTE.fullmatch(token):
            kept.add(token)
    if model["type"] == "BPE":
        _add_what_they_are_merged_from(kept, model)
    if model["type"] == "Unigram":
        kept.add(min(model["vocab"], key=lambda entry: entry[1])[0])
        if model["unk_id"] is not None:
            kept.add(model["vocab"][model["unk_id"]][0])
    return sorted(index for token, index in _numbers(plain).items() if token in kept)


def trimmed(tokenizer: Any, kept: list[int]) -> Any:
    """Return ``tokenizer`` with the tokens ``kept`` alone, numbered from 0 in that order.

    A text whose tokens are all kept is tokenized as before: WordPiece takes the longest piece that
    it has, BPE makes, among the merges that are left, the same ones in the same order, and the most
    probable pieces of Unigram are still so among fewer.
    """
    from transformers import AutoTokenizer

    plain = _plain(tokenizer)
    model, place = plain["model"], {old: index for index, old in enumerate(kept)}
    new = {token: place[old] for token, old in _numbers(plain).items() if old in place}
    if model["type"] == "Unigram":
        _cut_unigram(model, new)
    else:
        vocabulary = sorted(model["vocab"].keys() & new.keys(), key=new.__getitem__)
        model["vocab"] = {token: new[token] for token in vocabulary}
    if model["type"] == "BPE":
        pairs = [(left, right, _joined(left, right, model)) for left, right in model["merges"]]
        model["merges"] = [pair[:2] for pair in pairs if new.keys() >= set(pair)]
    for token in plain["added_tokens"]:
        token["id"] = new[token["content"]]
    if plain["padding"]:
        plain["padding"]["pad_id"] = new[plain["padding"]["pad_token"]]
    _renumber(plain["post_processor"], new)
    with tempfile.TemporaryDirectory() as folder:  # read as it will be read beside its model
        tokenizer.save_pretrained(folder)
        (Path(folder) / "tokenizer.json").write_text(json.dumps(plain), "utf-8")
        return AutoTokenizer.from_pretrained(folder)


def _plain(tokenizer: Any) -> dict[str, Any]:
    """Return what a fast tokenizer's ``tokenizer.json`` holds."""
    fast = getattr(tokenizer, "is_fast", False)
    kind = type(tokenizer.backend_tokenizer.model if fast else tokenizer).__name__
    if problem := kind_problem(kind):
        raise UserError(problem)
    plain: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    return plain


def _numbers(plain: dict[str, Any]) -> dict[str, int]:
    """Return the id of every token."""
    added = {token["content"]: token["id"] for token in plain["added_tokens"]}
    return _places(plain["model"]) | added


def _places(model: dict[str, Any]) -> dict[str, int]:
    """Return the id of every token of the vocabulary; for Unigram it is the entry's place."""
    vocabulary: Any = model["vocab"]
    if model["type"] == "Unigram":
        return {token: place for place, (token, _) in enumerate(vocabulary)}
    return dict(vocabulary)


def _cut_unigram(model: dict[str, Any], new: dict[str, int]) -> None:
    """Leave the tokens ``new`` in a Unigram's vocabulary, whose places are their ids."""
    unknown = None if model["unk_id"] is None else model["vocab"][model["unk_id"]][0]
    scores = dict(model["vocab"])
    left = sorted(scores.keys() & new.keys(), key=new.__getitem__)
    model["vocab"] = [[token, scores[token]] for token in left]
    model["unk_id"] = None if unknown is None else new[unknown]


def _bare(token: str, model: dict[str, Any]) -> str:
    """Return a token without what marks it as the inside or the end of a word."""
    inside, end = model.get("continuing_subword_prefix"), model.get("end_of_word_suffix")
    return token.removeprefix(inside or "").removesuffix(end or "")


def _joined(left: str, right: str, model: dict[str, Any]) -> str:
    return left + right.removeprefix(model["continuing_subword_prefix"] or "")


def _add_what_they_are_merged_from(kept: set[str], model: dict[str, Any]) -> None:
    origins: dict[str, list[str]] = {}
    for left, right in model["merges"]:
        origins.setdefault(_joined(left, right, model), []).extend((left, right))
    waiting = list(kept)
    while waiting:
        for piece in origins.get(waiting.pop(), ()):
            if piece not in kept:
                kept.add(piece)
                waiting.append(piece)


def _renumber(post_processor: dict[str, Any] | None, new: dict[str, int]) -> None:
    """Give the special tokens that a post-processor adds their new ids."""
    post_processor = post_processor or {}
    for processor in post_processor.get("processors", ()):  # a Sequence
        _renumber(processor, new)
    for end in {"sep", "cls"} & post_processor.keys():  # BertProcessing, RobertaProcessing
        post_processor[end][1] = new[post_processor[end][0]]
    special = post_processor.get("special_tokens", {})
    for mark in special.values():  # TemplateProcessing
        mark["ids"] = [new[token] for token in mark["tokens"]]
