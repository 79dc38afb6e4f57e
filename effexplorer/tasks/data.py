"""A task's data: both splits, where they came from, and a fingerprint of what is used of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from effexplorer.errors import UserError
from effexplorer.tasks.glue import glue_available, read_glue
from effexplorer.tasks.phrases import within
from effexplorer.tasks.reviews import SOURCE, read_reviews
from effexplorer.tasks.spec import TaskSpec, find_task
from effexplorer.tasks.split import Split, checked_split

__all__ = ["Split", "TaskData", "load_task", "task_available"]

BUNDLED = "reviews"
HELD_OUT, MOST_HELD_OUT = 0.1, 2_000  # share of the training split, and rows, for choices
_CHOICE_SEED = 0  # not the run's seed: runs that differ in the seed alone share their data


@dataclass(frozen=True)
class TaskData:
    """A task with its splits, their source in words, and a fingerprint of 16 hexadecimal digits.

    ``held_out`` are rows of the task's training split that nothing is trained on: which layers go,
    how sure an exit is and where sentences leave is decided on them, never on ``validation``.
    ``sentences`` are the whole sentences among the training rows of a task whose other rows are
    phrases of them; None for other tasks.
    """

    spec: TaskSpec
    train: Split
    held_out: Split
    validation: Split
    source: str
    fingerprint: str
    sentences: int | None = None


def load_task(name: str, *, train_examples: int | None = None) -> TaskData:
    """Return the data of the task called ``name``.

    ``train_examples`` takes that many training rows, always the same ones for the same number and
    always part of those of a larger number; None takes all. Where some rows are phrases, whole
    sentences are taken first. Raises UserError for an unknown task, data that cannot be had or is
    not what the task needs, and more examples than there are.
    """
    spec = find_task(name)
    if name == BUNDLED:
        train, validation = read_reviews(spec)
        source = SOURCE
    else:
        train_columns, validation_columns, source = read_glue(spec)
        train = checked_split(spec, "train", train_columns)
        validation = checked_split(spec, spec.validation, validation_columns)
    kept, whole, held_out = _parted(spec, train)
    if train_examples is not None:
        kept = _chosen(spec, kept, whole, train_examples)
    return TaskData(
        spec,
        train.rows(kept),
        train.rows(held_out),
        validation,
        source,
        _fingerprint(train.rows(kept), train.rows(held_out), validation),
        len(whole.intersection(kept)) if spec.phrases else None,
    )


def task_available(name: str) -> str | None:
    """Return why the task's data cannot be had here, in one sentence, or None; reads no data."""
    try:
        spec = find_task(name)
    except UserError as error:
        return str(error)
    return None if name == BUNDLED else glue_available(spec)


def _parted(spec: TaskSpec, train: Split) -> tuple[list[int], set[int], list[int]]:
    """Return the rows to train on, which of them are whole sentences, and the rows held out.

    The same in every run.

    Where training rows are phrases of other rows, whole sentences are held out, and what lies
    inside none of the other sentences leaves training too.
    """
    groups = within(train.texts[0]) if spec.phrases else [{row} for row in range(len(train))]
    wholes = [row for row, group in enumerate(groups) if group]
    count = min(int(HELD_OUT * len(wholes)), MOST_HELD_OUT)
    order = np.random.default_rng(_CHOICE_SEED).permutation(wholes).tolist()
    kept = set().union(*(groups[row] for row in order[count:]))
    return sorted(kept), set(order[count:]), sorted(order[:count])


def _chosen(spec: TaskSpec, rows: list[int], whole: set[int], examples: int) -> list[int]:
    """Return ``examples`` of ``rows`` at random, whole sentences before phrases."""
    if not 0 < examples <= len(rows):
        raise UserError(
            f"{spec.name}: train_examples must be between 1 and {len(rows)}, the size of its "
            f"training split without the rows held out; got {examples}."
        )
    order = np.random.default_rng(_CHOICE_SEED).permutation(rows).tolist()
    return sorted(sorted(order, key=lambda row: row not in whole)[:examples])


def _fingerprint(*splits: Split) -> str:
    text = json.dumps([[split.texts, split.labels] for split in splits])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
