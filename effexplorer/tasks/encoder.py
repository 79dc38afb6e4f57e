"""The encoder: texts as word pieces, the same for training, measuring and asking.

Text is data: nothing in it, not even ``[SEP]``, means anything to the model. Work and memory grow
with the text alone: a tokenizer that cuts a pair of long texts itself keeps every combination of
what it cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_CHUNK = 1_000  # texts encoded at once; what the tokenizer knows of each takes some 30 kB


@dataclass(frozen=True)
class Pieces:
    """A text or a pair as ids and token types of its word pieces; ``cut`` if it was longer."""

    ids: list[int]
    token_types: list[int]
    cut: bool


def encodings(columns: Sequence[Sequence[str]], tokenizer: Any) -> Iterator[Any]:
    """Yield the uncut encoding of each row of ``columns``, a list of texts for each text column."""
    for start in range(0, len(columns[0]), _CHUNK):
        clean = [[_whole(text) for text in column[start : start + _CHUNK]] for column in columns]
        coded = tokenizer(*clean, split_special_tokens=True, verbose=False)
        yield from coded.encodings


def cut(encoding: Any, texts: int, length: int, side: str) -> Pieces:
    """Return the encoding of ``texts`` texts (1 or 2) with at most ``length`` word pieces.

    The longer of a pair is cut first, each at its end, or at its start if ``side`` is ``left``: as
    transformers truncates.
    """
    ids, types = encoding.ids, encoding.type_ids
    if len(ids) <= length:
        return Pieces(ids, types, cut=False)
    origin = np.array([texts if text is None else text for text in encoding.sequence_ids])
    kept = origin == texts  # special pieces stay
    room = length - int(kept.sum())
    places = [np.flatnonzero(origin == text) for text in range(texts)]
    for place, share in zip(places, _shares([len(pieces) for pieces in places], room), strict=True):
        kept[place[len(place) - share :] if side == "left" else place[:share]] = True
    rest = np.flatnonzero(kept).tolist()
    return Pieces([ids[at] for at in rest], [types[at] for at in rest], cut=True)


def pieces_of_each(encoding: Any, texts: int) -> list[int]:
    """Return how many word pieces each of ``texts`` texts has, special ones not counted."""
    order = encoding.sequence_ids
    return [order.count(text) for text in range(texts)]


def _whole(text: str) -> str:
    """Return ``text`` with each surrogate that has no partner replaced: it is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shares(counts: Sequence[int], room: int) -> list[int]:
    """Return how many word pieces each text keeps, the longest cut first."""
    room = max(room, 0)
    if len(counts) == 1:
        return [min(counts[0], room)]
    shorter = min(*counts, room // 2)
    return [shorter, room - shorter] if counts[0] <= counts[1] else [room - shorter, shorter]
