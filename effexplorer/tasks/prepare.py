"""A user's tables made into a task: every row checked, both parts kept apart, labels numbered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.cautions import cautions
from effexplorer.tasks.columns import Choice, choose_columns
from effexplorer.tasks.label_values import Labels, find_labels
from effexplorer.tasks.parts import check_parts, hold_aside, without
from effexplorer.tasks.rows import Problem, Row, listed, read_rows
from effexplorer.tasks.spec import TaskSpec
from effexplorer.tasks.split import Split, held_out_count
from effexplorer.tasks.table_file import Table
from effexplorer.units import many


@dataclass(frozen=True)
class Prepared:
    """A task that can be added: its two parts, and what a person should know of them.

    ``problems`` are the rows that were left out.
    """

    spec: TaskSpec
    train: Split
    validation: Split
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return for each class its rows to train on and to measure on; empty for a regression."""
        train, validation = Counter(self.train.labels), Counter(self.validation.labels)
        return {
            name: (train[number], validation[number])
            for number, name in enumerate(self.spec.labels)
        }


@dataclass(frozen=True)
class Wishes:
    """What a person chose; "" and None are left to the data."""

    text: str = ""
    pair: str = ""
    label: str = ""
    metric: str = ""
    max_length: int = 128
    skip_bad_rows: bool = False


def prepare(name: str, train: Table, validation: Table | None, wishes: Wishes) -> Prepared:
    """Return the task called ``name`` of a training table and perhaps one to measure on.

    Without the latter a part of the rows, stratified and always the same, is kept aside. Rows of
    the training part whose text is also measured on leave it. Raises UserError for tables that are
    no task, and for rows with a problem unless ``wishes`` says to leave them out.
    """
    low, high = limits.MIN_TASK_LENGTH, limits.MAX_TASK_LENGTH
    if not low <= wishes.max_length <= high:
        raise UserError(f"max_length: must be between {low} and {high}; got {wishes.max_length}.")
    choice = choose_columns(train, wishes.text, wishes.pair, wishes.label)
    if validation:
        choose_columns(validation, choice.text, choice.pair, choice.label)
    labels = find_labels(train.name, train.columns[choice.label], wishes.metric)
    notes = [*train.notes, *(validation.notes if validation else ())]
    first, problems = read_rows(train, choice, labels)
    second, more = read_rows(validation, choice, labels) if validation else ([], [])
    problems += more
    if problems and not wishes.skip_bad_rows:
        raise UserError(listed(problems))
    if problems:
        notes.append(f"{many(len(problems), 'row')} left out: {listed(problems)}")
    if validation is None:
        first, second = hold_aside(train.name, first)
        notes.append(
            f"{len(second)} of {len(first) + len(second)} rows were kept aside to measure on, "
            "the same ones every time."
        )
    else:
        first, note = without(first, second, train.name, validation.name)
        notes += note
    check_parts(name, labels, first, second)
    notes += cautions(labels, first, second, wishes.max_length)
    spec = TaskSpec(
        name,
        _title(name, labels),
        _column_names(choice),
        labels.names,
        labels.metrics,
        max_length=wishes.max_length,
        epochs=_epochs(len(first)),
        scale=_scale(labels, first, second),
        train_rows=len(first) - held_out_count(len(first)),
    )
    return Prepared(
        spec, _split(choice, first), _split(choice, second), tuple(notes), tuple(problems)
    )


def _split(choice: Choice, rows: list[Row]) -> Split:
    columns = tuple([row.texts[at] for row in rows] for at in range(len(choice.texts)))
    return Split(columns, [row.label for row in rows])


def _column_names(choice: Choice) -> tuple[str, ...]:
    """Return the names of the text columns as they are kept, beside one called ``label``."""
    return tuple("text" if name == "label" else name[:40] for name in choice.texts)


def _title(name: str, labels: Labels) -> str:
    count = f"{len(labels.names)} classes" if labels.names else "a number"
    return f"{name}: your data, {count}"


def _scale(labels: Labels, first: list[Row], second: list[Row]) -> tuple[float, float]:
    if labels.names:
        return TaskSpec.scale
    values = [row.label for row in (*first, *second)]
    return min(values), max(values)


def _epochs(rows: int) -> float:
    """Return the dense model's passes, as GLUE's tasks of that size have them."""
    return next(epochs for most, epochs in _EPOCHS if rows <= most)


_EPOCHS = ((1_500, 8.0), (20_000, 5.0), (150_000, 2.0), (float("inf"), 1.0))
