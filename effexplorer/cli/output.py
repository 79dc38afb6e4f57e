"""What the commands print: tables for people, JSON for programs, sentences on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from effexplorer import units

RUN_HEADING = ("id", "task", "model", "seed", "score", "size", "parameters", "latency", "steps")


def print_json(value: Any) -> None:
    """Print ``value`` as JSON."""
    print(json.dumps(value, indent=1))


def print_table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print ``rows`` in columns; numbers with their units stand right, words left."""
    lines = [[str(cell) for cell in row] for row in (heading, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [all(line[i][:1] in "+-0123456789" for line in lines[1:]) for i in range(len(widths))]
    for line in lines:
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        print("  ".join(cells).rstrip())


def print_runs(rows: Iterable[dict[str, Any]]) -> None:
    """Print one line for each run's ``row``, with what its last stage measured."""
    print_table(RUN_HEADING, map(_cells, rows))


def tell(sentences: Iterable[str]) -> None:
    """Print each sentence on stderr."""
    for sentence in sentences:
        print(sentence, file=sys.stderr)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["id"],
        row["task"],
        row["model"],
        str(row["seed"]),
        units.percent(row["score"]),
        units.megabytes(row["bytes"]),
        units.count(row["parameters"]),
        units.milliseconds(row["latency_ms"]),
        row["steps"] or "dense",
    )
