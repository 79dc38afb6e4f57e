"""Labels: what a checkpoint calls its outputs, matched to a task's own names for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

SYNONYMS = (
    {"negative", "neg", "bad"},
    {"positive", "pos", "good"},
    {"neutral", "neu"},
    {"entailment", "entailed", "entails"},
    {"notentailment", "notentailed", "nonentailment"},
    {"contradiction", "contradictory", "contradicts"},
    {"equivalent", "paraphrase", "duplicate", "isduplicate"},
    {"notequivalent", "notparaphrase", "notduplicate", "nonduplicate"},
    {"acceptable", "grammatical"},
    {"unacceptable", "notacceptable", "ungrammatical"},
)
_NUMBER = re.compile(r"(?:label)?(\d+)")


def output_names(plain: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the outputs of the classifier that a config tells of, in their order.

    Empty where the config is that of a model without one, or is of no use. Outputs without names
    are called as transformers calls them: LABEL_0, LABEL_1 and so on.
    """
    built = plain.get("architectures")
    if built and not any(str(name).endswith("ForSequenceClassification") for name in built):
        return ()
    names = plain.get("id2label")
    if not names:
        count = plain.get("num_labels", 2)
        return tuple(f"LABEL_{index}" for index in range(count)) if isinstance(count, int) else ()
    try:
        return tuple(str(names[index]) for index in sorted(names, key=int))
    except (TypeError, ValueError):
        return ()


def matched_rows(names: Sequence[str], labels: Sequence[str]) -> list[int] | None:
    """Return for each of a task's ``labels`` the output of that name, or None if there is none.

    Names are compared without case and signs; known synonyms are equal, and a number stands for the
    label of that number. A regression, which has no labels, has the first of one output.
    """
    if not labels:
        return [0] if len(names) == 1 else None
    wanted = {_meaning(label): index for index, label in enumerate(labels)}
    rows: dict[int, int] = {}
    for row, name in enumerate(names):
        number = _NUMBER.fullmatch(_plain(name))
        index = wanted.get(_meaning(name), int(number[1]) if number else None)
        if index is None or index >= len(labels) or index in rows:
            return None
        rows[index] = row
    return [rows[index] for index in range(len(labels))] if len(rows) == len(labels) else None


def as_it_is_problem(model: str, names: Sequence[str], labels: Sequence[str]) -> str | None:
    """Return why the classifier with outputs ``names`` cannot answer for ``labels``, or None."""
    if not names:
        return (
            "epochs: 0 takes a model as it is, which must have a classifier of its own; "
            f"got {model}, which has none."
        )
    if matched_rows(names, labels) is None:
        wanted = ", ".join(labels) or "one number"
        got = ", ".join(name[:40] for name in names[:6]) + (", ..." if len(names) > 6 else "")
        return f"epochs: 0 takes a model as it is, whose labels must be {wanted}; got {got}."
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _meaning(name: str) -> str:
    plain = _plain(name)
    bare = plain.removeprefix("label")
    group = next((group for group in SYNONYMS if bare in group), None)
    return min(group) if group else plain
