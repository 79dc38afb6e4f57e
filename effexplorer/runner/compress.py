"""Compress: a model, a file of labelled texts and steps in; a finished run out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.schema import Record
from effexplorer.runner.run import run
from effexplorer.tasks.from_file import task_of_file
from effexplorer.tasks.registry import all_tasks


def compress(
    model: str | PathLike[str],
    *,
    data: str | PathLike[str],
    steps: str,
    seed: int = 0,
    train_examples: int | None = None,
    epochs: float | None = None,
    max_length: int | None = None,
) -> Record:
    """Fine-tune ``model`` on ``data``, apply ``steps``, measure after each, and return the record.

    ``model`` is a name of the catalog or a folder, ``data`` a task's name or a file that becomes a
    task (see ``tasks.from_file``), and ``steps`` read as on the command line. ``seed``,
    ``train_examples``, ``epochs`` and ``max_length`` are those of ``Pipeline``. Raises UserError
    before any work for what cannot run.
    """
    parsed = parse_steps(steps)
    task = str(data) if str(data) in all_tasks() else task_of_file(Path(data))
    return run(Pipeline(str(model), task, parsed, seed, train_examples, epochs, max_length))
