"""Text tables with a delimiter (CSV, TSV) as columns, with the row of every problem."""

from __future__ import annotations

import csv
import io
from typing import Literal

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.parquet import Columns

Quoting = Literal[0, 3]  # as the csv module numbers them
_QUOTED: Quoting = csv.QUOTE_MINIMAL
_PLAIN: Quoting = csv.QUOTE_NONE
_OTHERS = (";", "\t", "|")  # what spreadsheets write in place of a comma


def read_delimited(name: str, text: str, delimiter: str) -> tuple[Columns, list[str]]:
    """Return the columns of ``text`` and notes on how it was read.

    A tab-separated file whose quotation marks do not pair is read with them as plain characters,
    as GLUE's are written. Raises UserError for a row of another width than the header, and for
    marks that do not pair in a comma-separated file.
    """
    notes = []
    if delimiter == ",":
        first = text.split("\n", 1)[0]
        other = next((other for other in _OTHERS if other in first), None)
        if "," not in first and other:
            delimiter = other
            words = {"\t": "tab"}.get(other, other)
            notes.append(f"{name}: its columns are parted by {words}, not by a comma.")
    if delimiter != "\t":
        return _columns(name, _rows(name, text, delimiter, _QUOTED)), notes
    quoted, refusal = _tried(name, text, delimiter, _QUOTED)
    if '"' not in text and refusal:
        raise refusal
    plain, second_refusal = _tried(name, text, delimiter, _PLAIN)
    if quoted is not None and (plain is None or len(plain) == len(quoted)):
        return _columns(name, quoted), notes
    if plain is None:
        raise refusal or second_refusal or ValueError(name)
    notes.append(f"{name}: its quotation marks were taken as plain characters.")
    return _columns(name, plain), notes


def _tried(
    name: str, text: str, delimiter: str, quoting: Quoting
) -> tuple[list[list[str]] | None, UserError | None]:
    """Return the rows, or why the text has none."""
    try:
        return _rows(name, text, delimiter, quoting), None
    except UserError as error:
        return None, error


def _rows(name: str, text: str, delimiter: str, quoting: Quoting) -> list[list[str]]:
    """Return header and rows, all of one width; empty lines are passed over."""
    before = csv.field_size_limit(limits.MAX_TASK_FILE_BYTES)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, quoting=quoting
    )
    rows: list[list[str]] = []
    try:
        for row in reader:
            if not row:
                continue
            if rows and len(row) != len(rows[0]):
                raise UserError(
                    f"{name}, row {len(rows)} (line {reader.line_num}): must have "
                    f"{len(rows[0])} columns like the header; got {len(row)}."
                )
            rows.append(row)
            if len(rows) > limits.MAX_TASK_ROWS + 1:
                raise UserError(f"{name}: must have at most {limits.MAX_TASK_ROWS} rows; got more.")
    except csv.Error as error:
        raise UserError(
            f"{name}, row {len(rows)} (line {reader.line_num}): quotation marks must pair and "
            f"stand around a whole cell; got {error}."
        ) from error
    finally:
        csv.field_size_limit(before)
    return rows


def _columns(name: str, rows: list[list[str]]) -> Columns:
    header = [cell.strip() for cell in rows[0]] if rows else []
    names = [cell or f"column {place}" for place, cell in enumerate(header, start=1)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"{name}: columns must have different names; got {twice[:40]} twice.")
    return {column: [row[place] for row in rows[1:]] for place, column in enumerate(names)}
