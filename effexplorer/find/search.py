"""A search as a person starts it: on this machine or a cluster, kept so that it can go on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.find.driver import Driver
from effexplorer.find.log import open_log
from effexplorer.find.prices import Prices
from effexplorer.find.request import Request
from effexplorer.find.state import Event, State
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import open_store
from effexplorer.runner.estimate import TRAIN_EXAMPLES
from effexplorer.runner.stage_cache import StageCache
from effexplorer.sweep.scheduler import Pool
from effexplorer.tasks.registry import find_task

_CACHE_SECONDS = 1.0  # how long a look into the stage cache is believed


def find(
    request: Request,
    *,
    workers: int | None = None,
    threads: int = 1,
    ray: str | None = None,
    runs_folder: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Yield the events of the search for ``request`` until its answer; it goes on if interrupted.

    Events are dicts with a ``kind``: plan, chosen, progress, measured, finding, finished,
    trial_failed, ranking and answer; most have a sentence, ``text``. Records of what is explored
    and confirmed go into ``runs_folder``. ``workers`` run at a time, by default as many as there
    are cores for; ``ray`` is the address of a cluster. Raises UserError for what cannot be run
    here, a budget that buys nothing, and a search that another process is at, and Cancelled when
    ``cancelled()`` turned true.
    """
    from effexplorer import runner

    problems = runner.check(request.pipeline)
    if problems:
        raise UserError("\n".join(problems))
    folder = runs_folder or home.runs_folder()
    count = workers or max(1, (os.cpu_count() or 1) // threads)
    runs = open_store().runs()
    rows = training_rows(request.pipeline)
    with open_log(request) as log, _pool(ray, folder, count, threads) as pool:
        driver = Driver(
            request,
            State.of(log.events()),
            pool,
            prices=Prices(request.pipeline, runs, rows),
            rows=rows,
            workers=count,
            cached=cached_stages(),
            cancelled=cancelled,
        )
        for event in driver.events():
            log.append(event)
            yield event


def training_rows(pipeline: Pipeline) -> int:
    """Return on how many rows ``pipeline`` is trained."""
    rows = find_task(pipeline.task).train_rows or TRAIN_EXAMPLES.get(pipeline.task)
    known = pipeline.train_examples or rows
    if known is not None:
        return known
    from effexplorer.tasks.data import load_task

    return len(load_task(pipeline.task).train)


def cached_stages(clock: Callable[[], float] = time.monotonic) -> Callable[[Pipeline], bool]:
    """Return what tells whether a pipeline's last stage is in the stage cache."""
    cache = StageCache(home.stages_folder())
    keys: dict[Pipeline, str] = {}
    stages: set[str] = set()
    looked = -_CACHE_SECONDS

    def cached(pipeline: Pipeline) -> bool:
        nonlocal stages, looked
        if clock() - looked >= _CACHE_SECONDS:
            stages, looked = cache.pipelines(), clock()
        if not stages:
            return False
        if pipeline not in keys:
            keys[pipeline] = pipeline.key
        return keys[pipeline] in stages

    return cached


def _pool(
    ray: str | None, folder: Path, workers: int, threads: int
) -> AbstractContextManager[Pool]:
    if ray:
        from effexplorer.sweep.ray_pool import RayPool

        return RayPool(ray, folder, workers=workers, threads=threads)
    from effexplorer.sweep.process_pool import ProcessPool

    return ProcessPool(workers, folder, threads=threads)
