"""What a person should know of a run's rows before it begins, a sentence each."""

from __future__ import annotations

from collections import Counter

from effexplorer import limits
from effexplorer.tasks.data import TaskData
from effexplorer.tasks.split import Split

_COMMON = 0.9  # share of one class from which its answer alone scores well


def split_cautions(data: TaskData) -> list[str]:
    """Return a sentence for each oddity of the rows to train on and to measure on."""
    parts = {"training": data.train, "validation": data.validation}
    cautions = []
    for name, split in parts.items():
        cautions += _label_cautions(name, split, data.spec.labels)
    trained, measured = _texts(data.train), _texts(data.validation)
    there = set(trained)
    known = len([text for text in measured if text in there])
    if known:
        cautions.append(
            f"{known:,} of {len(measured):,} validation rows are training rows as well: the score "
            "is too high."
        )
    for name, texts in (("training", trained), ("validation", measured)):
        again = len(texts) - len(set(texts))
        if again:
            cautions.append(f"{again:,} of {len(texts):,} {name} rows repeat another one's text.")
    if len(measured) < limits.MIN_INTERVAL_ROWS:
        cautions.append(f"{len(measured)} validation rows are too few to tell how sure a score is.")
    return cautions


def _label_cautions(name: str, split: Split, labels: tuple[str, ...]) -> list[str]:
    counts = Counter(split.labels)
    if len(counts) == 1:
        only = split.labels[0]
        label = labels[int(only)] if labels else f"{only:g}"
        return [f"All {len(split):,} {name} rows have the label {label}, so a score tells nothing."]
    missing = [label for number, label in enumerate(labels) if not counts[number]]
    if missing:
        return [f"No {name} row has the label {', '.join(missing)[:100]}."]
    common, count = counts.most_common(1)[0]
    if labels and count > _COMMON * len(split):
        share = f"{100 * count / len(split):.0f} %"
        return [f"{share} of the {name} rows have the label {labels[int(common)]}."]
    return []


def _texts(split: Split) -> list[tuple[str, ...]]:
    return list(zip(*split.texts, strict=True))
