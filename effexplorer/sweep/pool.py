"""Worker processes of this machine, which live as long as a sweep and make one stage at a time."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from effexplorer import limits
from effexplorer.bugs import bug_sentence
from effexplorer.errors import UserError
from effexplorer.pipeline import Pipeline
from effexplorer.sweep.drive import DONE, FAILED, PROGRESS, Event
from effexplorer.sweep.tree import Node

_SPAWN = get_context("spawn")  # a fork would take torch's threads along half-dead


@dataclass
class _Worker:
    """A process with the pipe that it tells through, and the stage that it makes, if any."""

    name: str
    executor: ProcessPoolExecutor
    told: Connection
    index: int | None = None
    future: Future | None = None


class ProcessPool:
    """``workers`` processes of ``threads`` threads each; records go into ``runs_folder``.

    A process that dies, for lack of memory or otherwise, fails its stage and is replaced. Use it in
    a ``with`` statement: leaving it ends the processes.
    """

    def __init__(self, workers: int, runs_folder: Path, *, threads: int = 1) -> None:
        self._runs_folder = runs_folder
        self._threads = threads
        self._workers = [self._start(f"worker {number + 1}") for number in range(workers)]

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for worker in self._workers:
            _end(worker)

    @property
    def free(self) -> int:
        """Return how many workers have nothing to do."""
        return sum(worker.future is None for worker in self._workers)

    def begin(self, index: int, node: Node) -> None:
        """Let a free worker make the stage ``node``."""
        worker = next(one for one in self._workers if one.future is None)
        worker.index = index
        worker.future = worker.executor.submit(
            make_stage, node.pipeline.to_dict(), self._runs_folder if node.wanted else None
        )

    def events(self, seconds: float) -> list[Event]:
        """Return what the workers told since the last call, after at most ``seconds``."""
        wait([one.future for one in self._workers if one.future], seconds, "FIRST_COMPLETED")
        found = []
        for place, worker in enumerate(self._workers):
            if worker.future is None:
                continue
            ended = worker.future.done()
            found += [Event(worker.name, worker.index, PROGRESS, told) for told in _heard(worker)]
            if not ended:
                continue
            sentence, broken = _failure(worker.future)
            kind = FAILED if sentence else DONE
            found.append(Event(worker.name, worker.index, kind, sentence=sentence))
            worker.index = worker.future = None
            if broken:
                _end(worker)
                self._workers[place] = self._start(worker.name)
        return found

    def _start(self, name: str) -> _Worker:
        told, teller = _SPAWN.Pipe(duplex=False)
        executor = ProcessPoolExecutor(
            1, mp_context=_SPAWN, initializer=_begin, initargs=(teller, self._threads)
        )
        return _Worker(name, executor, told)


def make_stage(plain: dict[str, Any], runs_folder: Path | None) -> None:
    """Make the last stage of the pipeline that ``plain`` describes, in a worker process.

    Its record goes into ``runs_folder``; without one, the stage is kept in the cache alone. Raises
    UserError with one sentence for whatever goes wrong.
    """
    from effexplorer import runner

    pipeline = Pipeline.from_dict(plain)
    try:
        if runs_folder is None:
            runner.advance(pipeline, report=_report, cancelled=_orphaned, load=_data)
        else:
            runner.run(
                pipeline, runs_folder=runs_folder, report=_report, cancelled=_orphaned, load=_data
            )
    except UserError:
        raise
    except Exception as error:
        raise UserError(bug_sentence(error)) from error


@functools.lru_cache(maxsize=4)
def _data(task: str, train_examples: int | None) -> Any:
    from effexplorer.tasks.data import load_task

    return load_task(task, train_examples=train_examples)


def _orphaned() -> bool:
    """Tell whether the sweep that this worker belongs to is gone."""
    return parent_process() is None or not parent_process().is_alive()


_tell: Callable[[dict[str, Any]], None] | None = None
_told_at = 0.0


def _begin(teller: Connection, threads: int) -> None:
    """Prepare a worker process: its threads, before torch is loaded, and where it tells."""
    global _tell
    os.environ["OMP_NUM_THREADS"] = str(threads)
    _tell = teller.send


def _report(event: dict[str, Any]) -> None:
    """Tell the driver of ``event``; progress only every so often."""
    global _told_at
    if event["kind"] == "progress":
        now = time.monotonic()
        if now - _told_at < limits.PROGRESS_SECONDS and event["done"] < event["total"]:
            return
        _told_at = now
    _tell(event)


def _heard(worker: _Worker) -> list[dict[str, Any]]:
    found = []
    try:
        while worker.told.poll():
            found.append(worker.told.recv())
    except (EOFError, OSError):  # the process is gone; its future says so
        pass
    return found


def _failure(future: Future) -> tuple[str, bool]:
    """Return why a stage failed, or an empty sentence, and whether its process is gone."""
    error = future.exception()
    if error is None:
        return "", False
    if isinstance(error, UserError):
        return str(error), False
    if isinstance(error, BrokenProcessPool):
        return (
            "run: its process must reach the end of its work; it died, often for lack of memory.",
            True,
        )
    return bug_sentence(error), False


def _end(worker: _Worker) -> None:
    for process in list((worker.executor._processes or {}).values()):
        process.terminate()
    worker.executor.shutdown(wait=False, cancel_futures=True)
    worker.told.close()
