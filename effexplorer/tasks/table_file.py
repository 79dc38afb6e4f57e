"""A user's table of texts and labels as columns, from CSV, TSV, JSON lines or Parquet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.delimited import read_delimited
from effexplorer.tasks.parquet import Columns, open_parquet

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_LINES = (".jsonl", ".ndjson", ".json")
SUFFIXES = (*_DELIMITERS, *_LINES, ".parquet")


@dataclass(frozen=True)
class Table:
    """A file's name, its columns of equal length, and what to know about how it was read."""

    name: str
    columns: Columns
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def read_table_file(path: Path, name: str = "") -> Table:
    """Return the table in ``path``; ``name`` is what to call the file, its own name by default.

    The first row after the header is row 1. Raises UserError for a file that is not there, too
    large, of another kind or damaged, naming the row where there is one.
    """
    name = name or path.name
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        hint = " Save the sheet as CSV." if suffix in (".xls", ".xlsx", ".ods") else ""
        raise UserError(
            f"{name}: must end in one of {', '.join(SUFFIXES)}; got {suffix or name}.{hint}"
        )
    if not path.is_file():
        raise UserError(f"{name}: must be a file; got {'none' if not path.exists() else 'other'}.")
    size = path.stat().st_size
    if size > limits.MAX_TASK_FILE_BYTES:
        raise UserError(
            f"{name}: must have at most {limits.MAX_TASK_FILE_BYTES} bytes; got {size}."
        )
    notes: list[str] = []
    if suffix == ".parquet":
        columns = _read_parquet(name, path)
    else:
        text, notes = _text(name, path)
        if suffix in _LINES:
            columns = _read_lines(name, text)
        else:
            columns, more = read_delimited(name, text, _DELIMITERS[suffix])
            notes += more
    return Table(name, _checked(name, columns), tuple(notes))


def _text(name: str, path: Path) -> tuple[str, list[str]]:
    """Return a file's text without a byte order mark, and a note where it was not UTF-8."""
    data = path.read_bytes()
    if data.startswith(b"version https://git-lfs.github.com/"):
        raise UserError(f"{name}: must hold the data; got a Git LFS pointer to them.")
    notes = []
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise UserError(
                f"{name}: must be text in UTF-8, UTF-16 or Latin-1; "
                f"got the byte 0x{data[error.start]:02x} in place {error.start + 1}."
            ) from error
        notes.append(f"{name}: is not UTF-8, and was read as Latin-1 (Windows-1252).")
    if "\0" in text[:4096]:
        raise UserError(f"{name}: must be text; got a binary file.")
    return text, notes


def _read_lines(name: str, text: str) -> Columns:
    if text.lstrip().startswith("["):
        raise UserError(f"{name}: must hold one JSON object a line; got a JSON list.")
    rows: list[Any] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        place = f"{name}, row {len(rows) + 1}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{place}: must be a JSON object; got {line.strip()[:40]}.") from error
        if not isinstance(row, dict):
            raise UserError(f"{place}: must be a JSON object; got {line.strip()[:40]}.")
        if len(rows) == limits.MAX_TASK_ROWS:
            raise UserError(f"{name}: must have at most {limits.MAX_TASK_ROWS} rows; got more.")
        rows.append(row)
    names = dict.fromkeys(column for row in rows for column in row)
    return {column: [row.get(column) for row in rows] for column in names}


def _read_parquet(name: str, path: Path) -> Columns:
    """Return the columns; the numbers of a ``ClassLabel`` become its names."""
    import datasets
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            about = file.metadata
            groups = [about.row_group(index) for index in range(about.num_row_groups)]
            names = file.schema_arrow.names
    except (ArrowException, OSError) as error:
        raise UserError(f"{name}: must be a Parquet file; got one that cannot be read.") from error
    if len(set(names)) < len(names):
        raise UserError(f"{name}: columns must have different names; got {', '.join(names)[:80]}.")
    size = sum(group.total_byte_size for group in groups)
    if size > 4 * limits.MAX_TASK_FILE_BYTES:
        raise UserError(
            f"{name}: must unpack to at most {4 * limits.MAX_TASK_FILE_BYTES} bytes; got {size}."
        )
    _check_counts(name, about.num_columns, about.num_rows)
    if not about.num_rows:
        return {}
    table = open_parquet(name, path)
    columns = {}
    for column, feature in table.features.items():
        values = table.data.column(column).to_pylist()
        if isinstance(feature, datasets.ClassLabel):
            values = [_class_name(feature.names, value) for value in values]
        columns[column] = values
    return columns


def _class_name(names: list[str], number: int | None) -> str | None:
    return names[number] if number is not None and 0 <= number < len(names) else None


def _checked(name: str, columns: Columns) -> Columns:
    rows = len(next(iter(columns.values()), ()))
    _check_counts(name, len(columns), rows)
    if not rows:
        raise UserError(f"{name}: must hold at least one row; got none.")
    return columns


def _check_counts(name: str, columns: int, rows: int) -> None:
    for what, count, most in (
        ("columns", columns, limits.MAX_COLUMNS),
        ("rows", rows, limits.MAX_TASK_ROWS),
    ):
        if count > most:
            raise UserError(f"{name}: must have at most {most} {what}; got {count}.")


def shown(value: Any) -> str:
    """Return a cell as an error shows it."""
    return "nothing" if value is None or value == "" else str(value)[:40]
