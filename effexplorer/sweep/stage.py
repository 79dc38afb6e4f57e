"""A stage as a worker of a sweep makes it, and what the worker tells of it meanwhile."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from effexplorer import limits
from effexplorer.pipeline import Pipeline
from effexplorer.records.events import Report, RunEvent


def make_stage(
    plain: dict[str, Any],
    runs_folder: Path | None,
    *,
    tell: Report,
    cancelled: Callable[[], bool] = lambda: False,
    load: Callable[..., Any] | None = None,
    explored: bool = False,
) -> None:
    """Make the last stage of the pipeline that ``plain`` describes, and what it lacks before it.

    Its record goes into ``runs_folder``; without one, the stage is kept in the cache alone.
    ``tell`` gets the run's events. ``load`` gives a task's data; by default they are read here,
    and kept for the next stage. ``explored`` is that of ``runner.run``, and needs a folder. Raises
    what ``runner.run`` raises.
    """
    from effexplorer import runner

    _quiet()
    pipeline = Pipeline.from_dict(plain)
    report, load = seldom(tell), load or _kept_data
    if runs_folder is None:
        runner.advance(pipeline, report=report, cancelled=cancelled, load=load)
    else:
        runner.run(
            pipeline,
            runs_folder=runs_folder,
            report=report,
            cancelled=cancelled,
            load=load,
            explored=explored,
        )


def seldom(tell: Report, clock: Callable[[], float] = time.monotonic) -> Report:
    """Return ``tell`` without the progress that comes too soon, unless it is a training's last."""
    latest = -limits.PROGRESS_SECONDS

    def report(event: RunEvent) -> None:
        nonlocal latest
        if event["kind"] == "progress":
            now = clock()
            if now - latest < limits.PROGRESS_SECONDS and event["done"] < event["total"]:
                return
            latest = now
        tell(event)

    return report


@functools.lru_cache(maxsize=4)
def _kept_data(task: str, train_examples: int | None) -> Any:
    from effexplorer.tasks.data import load_task

    return load_task(task, train_examples=train_examples)


def _quiet() -> None:
    """Let transformers and the hub draw no bars of their own between those of the sweep."""
    from huggingface_hub.utils import disable_progress_bars
    from transformers.utils import logging

    disable_progress_bars()
    logging.disable_progress_bar()
