"""A task's data: both splits, where they came from, and a fingerprint of what is used of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from effexplorer.errors import UserError
from effexplorer.tasks.glue import glue_available, glue_files, read_glue
from effexplorer.tasks.own import own_available, own_files, read_own
from effexplorer.tasks.phrases import within
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.reviews import REVIEWS, SOURCE, read_reviews
from effexplorer.tasks.spec import TASKS, TaskSpec
from effexplorer.tasks.split import Split, checked_split, fingerprint, held_out_count

__all__ = ["Split", "TaskData", "load_task", "task_available"]

BUNDLED = "reviews"
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
    train, validation, source = _read(spec)
    kept, whole, held_out = _parted(spec, train)
    if train_examples is not None:
        kept = _chosen(spec, kept, whole, train_examples)
    return TaskData(
        spec,
        train.rows(kept),
        train.rows(held_out),
        validation,
        source,
        fingerprint(train.rows(kept), train.rows(held_out), validation),
        len(whole.intersection(kept)) if spec.phrases else None,
    )


def validation(name: str) -> Split:
    """Return the validation split of the task called ``name``.

    Raises UserError for an unknown task, and data that cannot be had or is not what it needs.
    """
    return _read(find_task(name))[1]


def task_available(name: str) -> str | None:
    """Return why the task's data cannot be had here, in one sentence, or None; reads no data."""
    try:
        spec = find_task(name)
    except UserError as error:
        return str(error)
    if name == BUNDLED:
        return None
    return glue_available(spec) if name in TASKS else own_available(spec)


def _read(spec: TaskSpec) -> tuple[Split, Split, str]:
    """Return the two splits of a task, and their source in words."""
    if spec.name == BUNDLED:
        return *read_reviews(spec), SOURCE
    reader = read_glue if spec.name in TASKS else read_own
    train, validation, source = reader(spec)
    first = checked_split(spec, "train", train)
    return first, checked_split(spec, spec.validation, validation), source


def task_files(name: str) -> list[Path]:
    """Return the files on this machine that the task's data are read from; empty for none here.

    Raises UserError for an unknown task, and for a folder that holds a part of them.
    """
    spec = find_task(name)
    if name == BUNDLED:
        return [REVIEWS]
    return glue_files(spec) if name in TASKS else own_files(spec)


def _parted(spec: TaskSpec, train: Split) -> tuple[list[int], set[int], list[int]]:
    """Return the rows to train on, which of them are whole sentences, and the rows held out.

    The same in every run.

    Where training rows are phrases of other rows, whole sentences are held out, and what lies
    inside none of the other sentences leaves training too.
    """
    groups = within(train.texts[0]) if spec.phrases else [{row} for row in range(len(train))]
    wholes = [row for row, group in enumerate(groups) if group]
    count = held_out_count(len(wholes))
    order = np.random.default_rng(_CHOICE_SEED).permutation(wholes).tolist()
    kept = set().union(*(groups[row] for row in order[count:]))
    return sorted(kept), set(order[count:]), sorted(order[:count])


def _chosen(spec: TaskSpec, rows: list[int], whole: set[int], examples: int) -> list[int]:
    """Return ``examples`` of ``rows`` at random, whole sentences before phrases."""
    if problem := spec.rows_problem(examples, len(rows)):
        raise UserError(problem)
    order = np.random.default_rng(_CHOICE_SEED).permutation(rows).tolist()
    return sorted(sorted(order, key=lambda row: row not in whole)[:examples])
