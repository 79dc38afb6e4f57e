"""Typed text on its way in: checked, made into word pieces, cut at the model's length, and told.

It is encoded by the encoder that made the training data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.encoder import cut, encodings, pieces_of_each

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


def encode(
    texts: Sequence[Text], columns: Sequence[str], tokenizer: Any, length: int
) -> list[Encoded]:
    """Return checked ``texts`` as at most ``length`` word pieces each, as the training data are.

    Raises UserError for a text of which no word piece is left.
    """
    parts = [(text,) if isinstance(text, str) else text for text in texts]
    coded = encodings(list(zip(*parts, strict=True)), tokenizer)
    encoded = []
    for text, encoding in zip(texts, coded, strict=True):
        for column, count in zip(columns, pieces_of_each(encoding, len(columns)), strict=True):
            if not count:
                raise UserError(f"{column}: must have a word; got nothing that the model can read.")
        row = cut(encoding, len(columns), length, tokenizer.truncation_side)
        unknown = row.ids.count(tokenizer.unk_token_id)
        encoded.append(Encoded(text, row.ids, row.token_types, row.cut, unknown))
    return encoded


def padded(rows: Sequence[Encoded], pad: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ids and token types ``(rows, tokens)``, int64, and the lengths ``(rows,)``, int32."""
    lengths = np.array([len(row.ids) for row in rows], dtype=np.int32)
    ids = np.full((len(rows), lengths.max()), pad, dtype=np.int64)
    types = np.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)], types[index, : len(row.ids)] = row.ids, row.token_types
    return ids, types, lengths


def as_list(texts: Any) -> tuple[list[Any], bool]:
    """Return the texts of a call as a list, and whether it was a list that was given."""
    if isinstance(texts, Iterable) and not isinstance(texts, (str, bytes, tuple, Mapping)):
        return list(texts), True
    return [texts], False
