"""Phrases: whole sentences told apart from the phrases that were cut out of them.

SST-2's training rows are sentences and, nine times as many, phrases inside them, while its
validation rows are sentences alone (Socher et al. 2013). Holding rows out at random would leave
almost every held-out phrase in training as well, inside a longer row.
"""

from __future__ import annotations


def within(sentences: list[str]) -> list[set[int]]:
    """Return for each row the rows that lie inside it, itself included; empty for a phrase.

    A row lies inside another if its words stand there in one piece. A row that lies inside an
    other row is a phrase, and the others are whole sentences; of equal rows the first is whole.
    """
    words = [sentence.split() for sentence in sentences]
    rows: dict[str, set[int]] = {}
    for row, one in enumerate(words):
        rows.setdefault(" ".join(one), set()).add(row)
    found: list[set[int]] = [set() for _ in sentences]
    phrases: set[int] = set()
    for row in sorted(range(len(words)), key=lambda row: -len(words[row])):
        if row not in phrases:
            inside = _spans(words[row]) & rows.keys()
            found[row] = {row}.union(*(rows[span] for span in inside))
            phrases |= found[row]
    return found


def _spans(words: list[str]) -> set[str]:
    count = len(words)
    return {
        " ".join(words[start:end]) for start in range(count) for end in range(start + 1, count + 1)
    }
