"""The bundled reviews: original sentences with a label and a difficulty, shipped in the package.

Each was written by hand for this project. A difficulty says how the opinion is put: ``plain``,
``negated`` (the words say the opposite), ``contrast`` (one half is taken back by the other),
``mixed`` (praise and blame, and a verdict) or ``sarcastic``.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from effexplorer.errors import UserError
from effexplorer.tasks.spec import TaskSpec
from effexplorer.tasks.split import Split, checked_split

DIFFICULTIES = ("plain", "negated", "contrast", "mixed", "sarcastic")
SOURCE = "bundled with effexplorer"
REVIEWS = Path(__file__).with_name("reviews.csv")


def read_reviews(spec: TaskSpec) -> tuple[Split, Split]:
    """Return the training and the validation split; the tags are the difficulties.

    Raises UserError when the file of this installation is missing or damaged.
    """
    try:
        with REVIEWS.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return _split(spec, rows, "train"), _split(spec, rows, "validation")
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise UserError(
            f"{spec.name}: the file {REVIEWS.name} must be as it was shipped; got one that cannot "
            "be read. Install effexplorer again."
        ) from error


def _split(spec: TaskSpec, rows: list[dict[str, str]], name: str) -> Split:
    chosen = [row for row in rows if row["split"] == name]
    columns: dict[str, list[Any]] = {
        "sentence": [row["sentence"] for row in chosen],
        "label": [spec.labels.index(row["label"]) for row in chosen],
    }
    checked = checked_split(spec, name, columns)
    return Split(checked.texts, checked.labels, [row["difficulty"] for row in chosen])
