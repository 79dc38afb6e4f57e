"""Which columns of a table are the text, the second text of a pair, and the label."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from effexplorer.errors import UserError
from effexplorer.tasks.table_file import Table

_TEXT = (
    "text",
    "sentence",
    "review",
    "content",
    "comment",
    "tweet",
    "message",
    "body",
    "utterance",
)
_PAIRS = (
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("text1", "text2"),
    ("question", "sentence"),
    ("question", "answer"),
    ("query", "document"),
)
_LABEL = (
    "label",
    "labels",
    "class",
    "category",
    "target",
    "sentiment",
    "intent",
    "score",
    "rating",
)


@dataclass(frozen=True)
class Choice:
    """The names of the columns that are used; ``pair`` is "" for single texts."""

    text: str
    label: str
    pair: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the text columns in their order."""
        return (self.text, self.pair) if self.pair else (self.text,)


def choose_columns(table: Table, text: str = "", pair: str = "", label: str = "") -> Choice:
    """Return the columns that are named, and for those that are not the best guess.

    A guess goes by usual names, then by content: a label repeats itself, a text has words. Raises
    UserError for a name that the table does not have, for columns that cannot be guessed, and for
    a file that seems to lack its header.
    """
    names = list(table.columns)
    for option, given in (("text", text), ("pair", pair), ("label", label)):
        if given and given not in names:
            raise UserError(
                f"{table.name}: {option} column must be one of {', '.join(names)[:200]}; "
                f"got {given[:40]}."
            )
    if not any((text, pair, label)):
        _check_header(table)
    lower = {name.lower(): name for name in reversed(names)}
    if not text and not pair:
        named = [(lower[a], lower[b]) for a, b in _PAIRS if a in lower and b in lower]
        if named and label not in named[0]:
            text, pair = named[0]
    label = label or _label(table, lower, {text, pair})
    if not text:
        text = _text(table, lower, {pair, label})
    if len({text, label, pair}) < 2 + bool(pair):
        raise UserError(f"{table.name}: text and label must be different columns; got {text}.")
    return Choice(text, label, pair)


def _check_header(table: Table) -> None:
    for name, values in table.columns.items():
        if _is_number(name) and sum(map(_is_number, values)) > len(values) / 2:
            raise UserError(
                f"{table.name}: must begin with a line that names its columns; "
                f"got {', '.join(table.columns)[:80]}."
            )
        if len(name.split()) > 8 or (_repeats(values) and name in values):
            raise UserError(
                f"{table.name}: must begin with a line that names its columns; "
                f"got {name[:80]}, which looks like a row."
            )


def _label(table: Table, lower: dict[str, str], taken: set[str]) -> str:
    for name in _LABEL:
        if lower.get(name, "") not in taken | {""}:
            return lower[name]
    rest = [name for name in table.columns if name not in taken]
    repeating = [name for name in rest if _repeats(table.columns[name])]
    if len(repeating) != 1:
        raise UserError(_unsure(table, "label", repeating or rest))
    return repeating[0]


def _text(table: Table, lower: dict[str, str], taken: set[str]) -> str:
    for name in _TEXT:
        if lower.get(name, "") not in taken | {""}:
            return lower[name]
    lengths = {
        name: sum(len(value.split()) for value in values if isinstance(value, str)) / len(values)
        for name, values in table.columns.items()
        if name not in taken
    }
    wordy = [name for name, length in lengths.items() if length > 1.5]
    if len(wordy) != 1:
        raise UserError(_unsure(table, "text", wordy or list(lengths)))
    return wordy[0]


def _unsure(table: Table, what: str, names: list[str]) -> str:
    listed = ", ".join(names)[:200] or "none"
    return f"{table.name}: the {what} column must be named (--{what}-column); got {listed}."


def _repeats(values: list[Any]) -> bool:
    """Tell whether a column's values stand for classes: few of them, each many times."""
    words = {str(value) for value in values}
    return len(values) > 2 * len(words) and all(len(word) <= 40 for word in words)


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(str(value)))
    except (ValueError, OverflowError):
        return False
