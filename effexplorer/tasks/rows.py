"""The rows of a table, each checked: its texts, and its label as a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.columns import Choice
from effexplorer.tasks.label_values import Labels, plain_label
from effexplorer.tasks.table_file import Table, shown


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row (the first is row 1) of a file."""

    file: str
    row: int
    text: str


@dataclass(frozen=True)
class Row:
    """One example: a text or a pair of them, and the class's number or the number itself."""

    texts: tuple[str, ...]
    label: int | float


def read_rows(table: Table, choice: Choice, labels: Labels) -> tuple[list[Row], list[Problem]]:
    """Return the rows of ``table`` that are right, and what is wrong with the others."""
    rows, problems = [], []
    texts = [table.columns[column] for column in choice.texts]
    for at, values in enumerate(zip(*texts, table.columns[choice.label], strict=True)):
        try:
            cells = tuple(map(_text, choice.texts, values[:-1]))
            rows.append(Row(cells, _number(labels, values[-1])))
        except UserError as error:
            problems.append(Problem(table.name, at + 1, str(error)))
    return rows, problems


def _text(column: str, value: Any) -> str:
    if value is None or value != value:  # pandas writes an empty cell as NaN
        value = ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UserError(f"{column} must be text; got a value of the type {type(value).__name__}.")
    text = str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not text.strip():
        raise UserError(f"{column} must have a word; got nothing.")
    return text[: limits.MAX_TEXT_CHARACTERS]


def _number(labels: Labels, value: Any) -> int | float:
    number = labels.number(value)
    if number is None:
        empty = plain_label(value) is None
        raise UserError(f"label must be {labels.rule}; got {'nothing' if empty else shown(value)}.")
    return number


def listed(problems: Iterable[Problem]) -> str:
    """Return the problems in a sentence for each kind, with their first row numbers."""
    rows = defaultdict(list)
    for problem in problems:
        rows[problem.file, problem.text].append(problem.row)
    sentences = []
    for (file, text), numbers in rows.items():
        listed = ", ".join(map(str, numbers[: limits.MAX_TOLD_ROWS]))
        rest = len(numbers) - limits.MAX_TOLD_ROWS
        more = f" and {rest} more" if rest > 0 else ""
        sentences.append(f"{file}, row{'s' * (len(numbers) > 1)} {listed}{more}: {text}")
    shown_kinds = sentences[: limits.MAX_TOLD_ROWS]
    left = len(sentences) - len(shown_kinds)
    return " ".join([*shown_kinds, *([f"And {left} more kinds."] if left > 0 else [])])
