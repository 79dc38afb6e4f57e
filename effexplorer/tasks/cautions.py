"""What a person should know of a task's rows before a run, a sentence each."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from effexplorer.tasks.label_values import Labels
from effexplorer.tasks.rows import Row
from effexplorer.units import many

_FEW = 5  # rows of a class that a model can hardly learn from
_LONG_WORDS = 0.7  # word pieces have about 0.7 words each in English


def cautions(labels: Labels, first: list[Row], second: list[Row], max_length: int) -> list[str]:
    """Return what is odd about the rows to train on (``first``) and to measure on (``second``)."""
    notes = []
    there = Counter(row.label for row in second)
    missing = [name for number, name in enumerate(labels.names) if not there[number]]
    if missing:
        notes.append(f"No row to measure on has the label {', '.join(missing)[:200]}.")
    if labels.names:
        trained = Counter(row.label for row in first)
        rare = [name for number, name in enumerate(labels.names) if trained[number] < _FEW]
        if rare:
            notes.append(f"Fewer than {_FEW} rows to train on: {', '.join(rare)[:200]}.")
        common, count = trained.most_common(1)[0]
        if count > 0.9 * len(first):
            notes.append(
                f"{100 * count / len(first):.0f} % of the rows have the label "
                f"{labels.names[int(common)]}: accuracy says little, macro_f1 more."
            )
    meanings: dict[tuple[str, ...], set[Any]] = defaultdict(set)
    for row in first:
        meanings[row.texts].add(row.label)
    torn = sum(len(meaning) > 1 for meaning in meanings.values())
    if torn:
        notes.append(f"{many(torn, 'training text')} with more than one label.")
    words = max_length * _LONG_WORDS
    long = sum(sum(len(text.split()) for text in row.texts) > words for row in first)
    if long:
        notes.append(
            f"About {long} of {len(first)} training texts are longer than {max_length} word pieces "
            "and will be cut there."
        )
    return notes
