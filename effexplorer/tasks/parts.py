"""The two parts of a task's rows, to train on and to measure on, with no text in both."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.label_values import Labels
from effexplorer.tasks.rows import Row
from effexplorer.tasks.split import held_out_count
from effexplorer.units import many


def hold_aside(name: str, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows to train on and to measure on, the latter a share of every class.

    A text's hash decides, so equal texts stay together, and neither the order of the rows nor a
    seed matters.
    """
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        groups[row.texts].append(at)
    if len(groups) < 2:
        raise UserError(f"{name}: must hold at least 2 different texts; got {len(groups)}.")
    share = min(limits.HELD_ASIDE, limits.MAX_HELD_ASIDE / len(rows))
    strata: dict[Any, list[tuple[str, ...]]] = defaultdict(list)
    for texts in sorted(groups, key=_hash):
        label = rows[groups[texts][0]].label
        strata[label if isinstance(label, int) else None].append(texts)
    aside: set[int] = set()
    for members in strata.values():
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        aside.update(at for texts in members[:count] for at in groups[texts])
    return (
        [row for at, row in enumerate(rows) if at not in aside],
        [rows[at] for at in sorted(aside)],
    )


def _hash(texts: tuple[str, ...]) -> bytes:
    return hashlib.sha256("\0".join(texts).encode()).digest()


def without(
    first: list[Row], second: list[Row], name: str, other: str
) -> tuple[list[Row], list[str]]:
    """Return the training rows whose texts are not measured on, and a note if any are."""
    measured = {row.texts for row in second}
    kept = [row for row in first if row.texts not in measured]
    if first and not kept:
        raise UserError(f"{other}: must hold other texts than {name}; got the same.")
    if len(kept) == len(first):
        return kept, []
    count = many(len(first) - len(kept), "row")
    return kept, [f"{count} of {name} left out of training, whose texts stand in {other} too."]


def check_parts(name: str, labels: Labels, first: list[Row], second: list[Row]) -> None:
    """Raise UserError when a part of the task ``name`` is too small or of one class."""
    for what, rows, least in (
        ("train on", first, limits.MIN_TRAIN_EXAMPLES + held_out_count(len(first))),
        ("measure on", second, limits.MIN_VALIDATION_ROWS),
    ):
        if len(rows) < least:
            raise UserError(f"{name}: must have at least {least} rows to {what}; got {len(rows)}.")
        different = len({row.label for row in rows})
        if different < 2:
            kind = "classes" if labels.names else "different numbers"
            raise UserError(
                f"{name}: the rows to {what} must have at least 2 {kind}; got {different}."
            )
