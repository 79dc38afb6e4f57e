"""The runner: fine-tunes a model, applies a pipeline's steps in order, measures after each one.

torch is imported inside ``run``, because the app and the command line check pipelines without it.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from effexplorer import atomic, home
from effexplorer.atomic import disk_full
from effexplorer.errors import UserError
from effexplorer.exits.table import write_table
from effexplorer.models import source
from effexplorer.models.catalog import find_model
from effexplorer.pipeline import Pipeline
from effexplorer.records import provenance
from effexplorer.records.answers import write_answers
from effexplorer.records.checks import check_texts
from effexplorer.records.events import Report, RunEvent
from effexplorer.records.files import read_record, write_record
from effexplorer.records.schema import (
    ANSWERS,
    CONFIRMED,
    EXIT_TABLE_SUFFIX,
    EXPLORED,
    SCHEMA,
    Record,
    Stage,
    record_id,
)
from effexplorer.runner import identity
from effexplorer.runner.results import Results
from effexplorer.runner.stage_cache import StageCache
from effexplorer.runner.tokenizers import kinds_here, tokenizer_problems, told_of
from effexplorer.tasks.data import TaskData, load_task, task_available
from effexplorer.tasks.split_cautions import split_cautions

if TYPE_CHECKING:
    from effexplorer.runner.stage_loop import StageLoop

Load = Callable[..., TaskData]


def check(pipeline: Pipeline) -> list[str]:
    """Return every reason why ``pipeline`` cannot run on this machine, a sentence each.

    Looks whether weights and data can be had, but loads neither.
    """
    problems = pipeline.problems()
    if not problems:
        problems = _missing_weights(pipeline)
        problems += filter(None, [task_available(pipeline.task)])
    return problems or tokenizer_problems(pipeline, kinds_here(pipeline))


def run(
    pipeline: Pipeline,
    *,
    runs_folder: Path | None = None,
    report: Report = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    load: Load = load_task,
    explored: bool = False,
) -> Record:
    """Run ``pipeline``, write its record into ``runs_folder`` and return it.

    Beside the record stand its stages' answers, and the exit table of a last stage with exits.
    Stages that an earlier run finished are taken from the stage cache. ``report`` gets events as
    plain dicts: plan, stage, progress, measured, note. ``load`` gives a task's data; who makes many
    runs may keep them. ``explored`` measures on the held-out rows instead of the validation split,
    for a search that has to choose. Raises UserError before any work when the pipeline cannot run,
    and Cancelled when ``cancelled()`` turned true.
    """
    report, folder = _patient(report), runs_folder or home.runs_folder()
    atomic.sweep(folder)
    loop = _stage_loop(pipeline, report, cancelled, load, explored)
    weights = identity.weights_of(pipeline)  # as they are now, whatever is exchanged meanwhile
    _check_names(pipeline, loop.data, weights)
    results = loop.run(report)
    record = _record(pipeline, loop, results.stages, weights)
    record = dataclasses.replace(record, id=identity.id_for(record, folder))
    try:
        return _kept(record, results, folder, loop.cache, report)
    finally:  # whatever became of the record, the same run then costs no training
        loop.keep_last(report)


def _check_names(pipeline: Pipeline, data: TaskData, weights: dict[str, Any]) -> None:
    """Raise UserError, before any training, for a name that no record may hold."""
    try:
        check_texts((pipeline.to_dict(), data.source, weights), "run")
    except ValueError as error:
        raise UserError(f"{error}.") from error


def _record(
    pipeline: Pipeline, loop: StageLoop, stages: tuple[Stage, ...], weights: dict[str, Any]
) -> Record:
    data = loop.data
    return Record(
        schema=SCHEMA,
        id=record_id(pipeline.key, explored=loop.explored),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        pipeline=pipeline.to_dict(),
        stages=stages,
        score_name=data.spec.metrics[0],
        data={
            "source": data.source,
            "fingerprint": data.fingerprint,
            "settings": data.spec.settings,
            **training_rows(data),
            "held_out_examples": len(data.held_out),
            "validation_examples": len(data.validation),
            "max_length": loop.task.length,
            "cut_examples": loop.task.train.cut,
            "cut_validation_examples": loop.task.validation.cut,
        },
        weights=weights,
        machine=loop.machine(),
        versions=provenance.versions(),
        commit=provenance.commit(),
        phase=EXPLORED if loop.explored else CONFIRMED,
    )


def _kept(
    record: Record, results: Results, folder: Path, cache: StageCache, report: Report
) -> Record:
    """Return the record in ``folder``: the one that is there already, or this one, now written.

    The answers are written before it; they can be made again and may fail. Those of a record that
    is there are left as they are.
    """
    there = folder / f"{record.id}.json"
    if there.exists():
        text = f"run: {record.id} was measured before; its record is kept and this one is not."
        report({"kind": "note", "text": text})
        return read_record(there)
    answers, table = results.answers, results.table
    if table is not None:
        answers = answers[:-1]  # the exit table holds the last stage's
    try:
        if table is not None:
            path = folder / f"{record.id}{EXIT_TABLE_SUFFIX}"
            _with_room(cache, lambda: write_table(table, path))
        _with_room(cache, lambda: write_answers(answers, folder / f"{record.id}{ANSWERS}"))
    except OSError as error:
        reason = "a full disk" if disk_full(error) else error.strerror
        report({"kind": "note", "text": f"answers: not written beside the record; got {reason}."})
    _with_room(cache, lambda: write_record(record, folder))
    return record


def _with_room(cache: StageCache, write: Callable[[], object]) -> None:
    """Write; on a full disk, let kept stages go one after the other until there is room."""
    while True:
        try:
            write()
            return
        except OSError as error:
            if not disk_full(error) or not cache.drop_oldest():
                raise


def training_rows(data: TaskData) -> dict[str, int]:
    """Return how many rows a run trains on, and how many of them are sentences and phrases."""
    rows = {"train_examples": len(data.train)}
    if data.sentences is not None:
        phrases = len(data.train) - data.sentences
        rows |= {"train_sentences": data.sentences, "train_phrases": phrases}
    return rows


def advance(
    pipeline: Pipeline,
    *,
    report: Report = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    load: Load = load_task,
) -> None:
    """Bring the stages of ``pipeline`` into the stage cache; like ``run``, without a record."""
    report = _patient(report)
    loop = _stage_loop(pipeline, report, cancelled, load, explored=False)
    loop.run(report)
    loop.keep_last(report)


def _stage_loop(
    pipeline: Pipeline,
    report: Report,
    cancelled: Callable[[], bool],
    load: Load,
    explored: bool,
) -> StageLoop:
    """Report the plan of ``pipeline`` and return the loop over its stages; raises UserError."""
    problems = pipeline.problems() or _missing_weights(pipeline)
    problems = problems or tokenizer_problems(pipeline, kinds_here(pipeline))
    if problems:
        raise UserError(" ".join(problems))
    data = load(pipeline.task, train_examples=pipeline.train_examples)

    from effexplorer.runner.stage_loop import StageLoop

    loop = StageLoop(pipeline, data, cancelled=cancelled, explored=explored)
    if problems := loop.problems():
        raise UserError(" ".join(problems))
    loop.cache.sweep()
    report({"kind": "plan", "stages": loop.plan()})
    for text in filter(None, [*split_cautions(data), loop.task.cut_sentence()]):
        report({"kind": "note", "text": text})
    return loop


def _patient(report: Report) -> Report:
    """Return ``report`` that passes over what a full disk leaves no room to tell."""

    def tell(event: RunEvent) -> None:
        try:
            report(event)
        except OSError as error:
            if not disk_full(error):
                raise

    return tell


def _missing_weights(pipeline: Pipeline) -> list[str]:
    names = dict.fromkeys(pipeline.models)
    available = [(name, source.available(find_model(name))) for name in names]
    return [told_of(name, pipeline, sentence) for name, sentence in available if sentence]
