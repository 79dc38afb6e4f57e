"""What Add your data shows of a file: its columns, ten rows, label counts, and every bad row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.columns import Choice, choose_columns
from effexplorer.tasks.label_values import find_labels
from effexplorer.tasks.prepare import Prepared, Wishes, prepare
from effexplorer.tasks.rows import read_rows
from effexplorer.tasks.scores import score_words
from effexplorer.tasks.table_file import Table

_CELL = 200  # characters of a cell that are shown
_COLUMNS = 8  # columns that are shown before any is chosen

Answer = dict[str, Any]


def looked(table: Table, wishes: Wishes) -> Answer:
    """Return what a browser shows of a table; with ``error`` where it makes no task yet."""
    names = list(table.columns)
    seen: Answer = {"columns": names, "total": len(table), "notes": list(table.notes)}
    try:
        choice = choose_columns(table, wishes.text, wishes.pair, wishes.label)
    except UserError as error:
        return seen | _rows(table, names[:_COLUMNS]) | {"error": str(error)}
    seen |= {"chosen": {"text": choice.text, "pair": choice.pair, "label": choice.label}}
    seen |= _rows(table, [*choice.texts, choice.label])
    try:
        return seen | _made(prepare("data", table, None, replace(wishes, skip_bad_rows=True)))
    except UserError as error:
        return seen | _problems(table, choice, wishes) | {"error": str(error)}


def _rows(table: Table, names: list[str]) -> Answer:
    columns = [table.columns[name][:10] for name in names]
    cells = ["" if cell is None else str(cell)[:_CELL] for column in columns for cell in column]
    height = len(columns[0]) if columns else 0
    return {
        "shown": names,
        "rows": [cells[at::height] for at in range(height)],
    }


def _made(prepared: Prepared) -> Answer:
    problems = [f"row {problem.row}: {problem.text}" for problem in prepared.problems]
    spec = prepared.spec
    return {
        "counts": [[name, *rows] for name, rows in prepared.counts().items()],
        "parts": [len(prepared.train), len(prepared.validation)],
        "metric": score_words(spec.metrics[0]),
        "notes": [note for note in prepared.notes if " left out: " not in note],
        "problems": problems[: limits.MAX_ROW_PROBLEMS],
        "bad_rows": len(problems),
    }


def _problems(table: Table, choice: Choice, wishes: Wishes) -> Answer:
    """Return the rows with a problem of a table that makes no task even without them."""
    try:
        labels = find_labels(table.name, table.columns[choice.label], wishes.metric)
    except UserError:
        return {}
    problems = [
        f"row {problem.row}: {problem.text}" for problem in read_rows(table, choice, labels)[1]
    ]
    return {"problems": problems[: limits.MAX_ROW_PROBLEMS], "bad_rows": len(problems)}
