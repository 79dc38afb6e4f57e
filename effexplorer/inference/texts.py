"""Typed text on its way in: checked, made into word pieces, cut at the model's length, and told.

What a person types is data: nothing in it, not even ``[SEP]``, means anything to the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from effexplorer import limits
from effexplorer.errors import UserError

Text = str | tuple[str, str]


@dataclass(frozen=True)
class Encoded:
    """One text, or pair of texts, as word pieces; ``truncated`` if it was longer than they are.

    ``unknown`` is how many of them stand for words that the vocabulary does not have.
    """

    text: Text
    ids: list[int]
    token_types: list[int]
    truncated: bool
    unknown: int


def check_text(text: Any, columns: Sequence[str]) -> Text:
    """Return ``text`` as the task takes it: one string, or a pair; raises UserError for others."""
    parts = (text,) if isinstance(text, str) else text
    if not isinstance(parts, (tuple, list)) or len(parts) != len(columns):
        wanted = "one text" if len(columns) == 1 else f"a pair of texts ({', '.join(columns)})"
        got = f"{len(parts)} texts" if isinstance(parts, (tuple, list)) else type(parts).__name__
        raise UserError(f"text: must be {wanted}; got {'one text' if parts == (text,) else got}.")
    for part, column in zip(parts, columns, strict=True):
        if not isinstance(part, str):
            raise UserError(f"{column}: must be text; got {type(part).__name__}.")
        if len(part) > limits.MAX_TEXT_CHARACTERS:
            raise UserError(
                f"{column}: must have at most {limits.MAX_TEXT_CHARACTERS} characters; "
                f"got {len(part)}."
            )
        if not part.strip():
            raise UserError(f"{column}: must have a word; got nothing but space.")
    return parts[0] if len(parts) == 1 else tuple(parts)


def encode(texts: Sequence[Text], columns: Sequence[str], tokenizer, length: int) -> list[Encoded]:
    """Return checked ``texts`` as at most ``length`` word pieces each.

    As the training data are encoded, the longest of a pair cut first, but in linear time: a
    tokenizer that truncates a pair of long texts itself keeps every combination of what it cut off.
    Raises UserError for a text of which no word piece is left.
    """
    parts = [(text,) if isinstance(text, str) else text for text in texts]
    clean = [[_whole(one) for one in column] for column in zip(*parts, strict=True)]
    coded = tokenizer(*clean, split_special_tokens=True, verbose=False)
    return [
        _cut(text, one, columns, length, tokenizer.unk_token_id)
        for text, one in zip(texts, coded.encodings, strict=True)
    ]


def padded(rows: Sequence[Encoded], pad: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ids and token types ``(rows, tokens)``, int64, and the lengths ``(rows,)``, int32."""
    lengths = np.array([len(row.ids) for row in rows], dtype=np.int32)
    ids = np.full((len(rows), lengths.max()), pad, dtype=np.int64)
    types = np.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)], types[index, : len(row.ids)] = row.ids, row.token_types
    return ids, types, lengths


def _whole(text: str) -> str:
    """Return ``text`` with each surrogate that has no partner replaced: it is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _cut(text: Text, coded, columns: Sequence[str], length: int, unknown: int) -> Encoded:
    order = coded.sequence_ids  # per word piece the text that it comes from, None for special ones
    places = [np.flatnonzero([one == index for one in order]) for index in range(len(columns))]
    for column, found in zip(columns, places, strict=True):
        if not len(found):
            raise UserError(f"{column}: must have a word; got nothing that the model can read.")
    counts = [len(found) for found in places]
    kept = _shares(counts, length - order.count(None))
    gone = {at for found, share in zip(places, kept, strict=True) for at in found[share:]}
    rest = [at for at in range(len(order)) if at not in gone]
    ids, types = [coded.ids[at] for at in rest], [coded.type_ids[at] for at in rest]
    return Encoded(text, ids, types, bool(gone), ids.count(unknown))


def _shares(counts: Sequence[int], room: int) -> list[int]:
    """Return how many word pieces each text keeps, the longest cut first."""
    if len(counts) == 1:
        return [min(counts[0], room)]
    if sum(counts) <= room:
        return list(counts)
    shorter = min(*counts, room // 2)
    return [shorter, room - shorter] if counts[0] <= counts[1] else [room - shorter, shorter]


def as_list(texts: Any) -> tuple[list[Any], bool]:
    """Return the texts of a call as a list, and whether it was a list that was given."""
    if isinstance(texts, Iterable) and not isinstance(texts, (str, bytes, tuple, Mapping)):
        return list(texts), True
    return [texts], False
