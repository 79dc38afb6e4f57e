"""Phrases: whole sentences told apart from the phrases that were cut out of them.

SST-2's training rows are sentences and, nine times as many, phrases inside them, while its
validation rows are sentences alone (Socher et al. 2013). Holding rows out at random would leave
almost every held-out phrase in training as well, inside a longer row.

All rows are sorted at once by a suffix array over words (Manber and Myers 1993), so that the work
grows with the words of all rows, n log n, however long a single row is.
"""

from __future__ import annotations

import numpy as np


def within(sentences: list[str]) -> list[set[int]]:
    """Return for each row the rows that lie inside it, itself included; empty for a phrase.

    A row lies inside another if its words stand there in one piece. A row that lies inside an
    other row is a phrase, and the others are whole sentences; of equal rows the first is whole.
    """
    rows: dict[tuple[str, ...], list[int]] = {}
    for row, sentence in enumerate(sentences):
        rows.setdefault(tuple(sentence.split()), []).append(row)
    inside: list[set[int]] = [set() for _ in sentences]
    for row in rows.pop((), []):  # a row without words lies inside nothing
        inside[row].add(row)
    texts, same = list(rows), list(rows.values())
    phrases = set()
    for inner, outer in enumerate(_containing(texts)):
        if len(outer) > 1:
            phrases.add(inner)
        for text in outer:
            inside[same[text][0]].update(same[inner])
    for text in phrases:
        inside[same[text][0]].clear()
    return inside


def _containing(texts: list[tuple[str, ...]]) -> list[set[int]]:
    """Return for each of different texts those that it lies inside, itself among them.

    Every text stands twice in one row of words: once with an end that sorts before all words and
    once with an end that sorts after them. Between the two, in the order of the suffixes, lie those
    that begin with the text.
    """
    if not texts:
        return []
    numbers: dict[str, int] = {}
    words = [[numbers.setdefault(word, len(numbers) + 1) for word in text] for text in texts]
    sizes = np.array([len(text) + 1 for text in texts])
    ids = np.concatenate([[*text, 0] for text in words] * 2)
    starts = np.cumsum(sizes) - sizes
    half = len(ids) // 2
    ids[half + starts + sizes - 1] = len(numbers) + 1
    ends = np.tile(np.repeat(starts + sizes, sizes), 2) + np.repeat([0, half], half)
    order, ranks = _sorted_suffixes(ids, ends - np.arange(len(ids)))
    owner = np.tile(np.repeat(np.arange(len(texts)), sizes), 2)[order]
    owner = np.where(order < half, owner, -1)  # the second half only marks where ranges end
    ranges = zip(ranks[starts].tolist(), ranks[half + starts].tolist(), strict=True)
    return [set(owner[first:last].tolist()) - {-1} for first, last in ranges]


def _sorted_suffixes(ids: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the suffixes in rising order, and of each how many are smaller, by prefix doubling.

    ``ids`` are the words and ``left`` how many words there are from each to the end of its text,
    which no comparison passes.
    """
    order, ranks = _ranked(ids.astype(np.int64))
    length, longest = 1, int(left.max())
    while length < longest:
        further = np.flatnonzero(left > length)
        then = np.zeros_like(ranks)
        then[further] = ranks[further + length] + 1
        order, ranks = _ranked(ranks * (len(ids) + 2) + then)
        length *= 2
    return order, ranks


def _ranked(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order of ``keys``, and for each how many are smaller."""
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    ranks = np.empty_like(keys)
    ranks[order] = np.maximum.accumulate(np.where(new, np.arange(len(keys)), 0))
    return order, ranks
