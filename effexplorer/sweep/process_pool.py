"""Worker processes of this machine, which live as long as a sweep and make one stage at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any

from effexplorer import limits
from effexplorer.error_report import failure_sentence
from effexplorer.errors import Cancelled
from effexplorer.records.events import RunEvent
from effexplorer.sweep.scheduler import DONE, FAILED, PROGRESS, Event
from effexplorer.sweep.stage import make_stage
from effexplorer.sweep.tree import Node

_SPAWN = get_context("spawn")  # a fork would take torch's threads along half-dead
_ENDED = "ended"
DIED = "run: its process must reach the end of its work; it died, often for lack of memory."


@dataclass
class _Worker:
    """A process, the line to it and back, and the index of the stage that it makes, if any."""

    name: str
    process: BaseProcess
    line: Connection
    index: int | None = None


class ProcessPool:
    """``workers`` processes of ``threads`` threads each; records go into ``runs_folder``.

    A process that dies, for lack of memory or otherwise, fails its stage and is replaced. Use it in
    a ``with`` statement: entering it starts the processes, and leaving it ends them.
    """

    def __init__(self, workers: int, runs_folder: Path, *, threads: int = 1) -> None:
        self._names = [f"worker {number + 1}" for number in range(workers)]
        self._runs_folder = runs_folder
        self._threads = threads
        self._workers: list[_Worker] = []

    def __enter__(self) -> ProcessPool:
        self._workers = [self._start(name) for name in self._names]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            _end(worker)
        self._workers = []

    @property
    def free(self) -> int:
        """Return how many workers have nothing to do."""
        return sum(worker.index is None for worker in self._workers)

    def begin(self, index: int, node: Node) -> None:
        """Let a free worker make the stage ``node``."""
        place = next(at for at, worker in enumerate(self._workers) if worker.index is None)
        folder = self._runs_folder if node.wanted else None
        work = (node.pipeline.to_dict(), folder, node.explored)
        try:
            self._workers[place].line.send(work)
        except OSError:  # it died while it had nothing to do
            self._replace(place)
            self._workers[place].line.send(work)
        self._workers[place].index = index

    def events(self, seconds: float) -> list[Event]:
        """Return what the workers told since the last call, after at most ``seconds``."""
        busy = [at for at, worker in enumerate(self._workers) if worker.index is not None]
        ready = wait([self._workers[at].line for at in busy], seconds)
        events: list[Event] = []
        for at in [at for at in busy if self._workers[at].line in ready]:
            events += self._heard(at)
        return events

    def _heard(self, place: int) -> list[Event]:
        worker, index = self._workers[place], self._workers[place].index
        if index is None:
            return []
        events = []
        try:
            while worker.line.poll():
                message = worker.line.recv()
                if message["kind"] == _ENDED:
                    events.append(_last_event(worker, index, message["sentence"]))
                else:
                    events.append(Event(worker.name, index, PROGRESS, message))
        except (EOFError, OSError):
            if worker.index is not None:
                events.append(_last_event(worker, index, DIED))
            self._replace(place)
        return events

    def _replace(self, place: int) -> None:
        _end(self._workers[place])
        self._workers[place] = self._start(self._workers[place].name)

    def _start(self, name: str) -> _Worker:
        line, far_end = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=_work, args=(far_end, self._threads), name=name, daemon=True
        )
        with _no_ctrl_c():
            process.start()
        far_end.close()  # so that the line breaks when the process ends
        return _Worker(name, process, line)


def _last_event(worker: _Worker, index: int, sentence: str) -> Event:
    worker.index = None
    return Event(worker.name, index, FAILED if sentence else DONE, sentence=sentence)


def _end(worker: _Worker) -> None:
    worker.process.terminate()
    worker.process.join(limits.CANCEL_GRACE_SECONDS)
    worker.process.kill()
    worker.process.join()
    worker.line.close()


@contextlib.contextmanager
def _no_ctrl_c() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: the sweep hears it, and ends them."""
    resource_tracker.ensure_running()  # else the first process starts it, which lets SIGINT in
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(line: Connection, threads: int) -> None:
    """Make the stages that ``line`` asks for until it breaks: the life of a worker process."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is loaded
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.suppress(EOFError, OSError, Cancelled):  # the sweep is over, or gone
        while True:
            plain, runs_folder, explored = line.recv()
            line.send({"kind": _ENDED, "sentence": _made(plain, runs_folder, explored, line)})


def _leave(*_: Any) -> None:
    """End this process as if its work were done, so that it frees what it holds."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is asked twice, and leaving takes a moment
    sys.exit()


def _made(plain: dict[str, Any], runs_folder: Path | None, explored: bool, line: Connection) -> str:
    """Make one stage; return why it failed, or ``""``. Raises Cancelled when the sweep is gone."""

    def tell(event: RunEvent) -> None:
        try:
            line.send(event)
        except OSError as error:
            raise Cancelled from error

    try:
        make_stage(plain, runs_folder, tell=tell, cancelled=_orphaned, explored=explored)
    except Cancelled:
        raise
    except Exception as error:
        return failure_sentence(error)
    return ""


def _orphaned() -> bool:
    """Tell whether the sweep that this worker belongs to is gone."""
    parent = parent_process()
    return parent is None or not parent.is_alive()
