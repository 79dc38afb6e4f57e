"""The scheduler: a thread that starts waiting jobs and gives the ones that died a last word."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.jobs import process
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.job import CANCEL_FILE, CANCELLED, DONE, FAILED, QUEUED, Job
from effexplorer.jobs.settings import read_settings

_logger = logging.getLogger(__name__)


def in_turn(waiting: Sequence[Job], others: Iterable[Job] = ()) -> list[Job]:
    """Return the waiting jobs in fair turns: everybody's first, then everybody's second.

    Those of the ``others`` that run, or that were started since the oldest waiting job was asked
    for, are turns that their owners have had already. Within a turn who asked first comes first;
    ``waiting`` has that order.
    """
    if not waiting:
        return []
    since = waiting[0].submitted
    turns = Counter(job.owner for job in others if _had_turn(job, since))
    turn_of: dict[str, int] = {}
    for job in waiting:
        turn_of[job.id] = turns[job.owner]
        turns[job.owner] += 1
    return sorted(waiting, key=lambda job: turn_of[job.id])


def _had_turn(job: Job, since: float) -> bool:
    return not job.finished or (job.started is not None and job.started >= since)


class Scheduler:
    """Looks at the unfinished jobs a few times a second while there are any, else sleeps.

    ``queue`` holds the ids that wait, next first, in fair turns. A worker without a heartbeat keeps
    no other from starting. Every look happens under the folder's lock, so
    that of several processes one at a time decides. The workers are told apart by their locks, so
    that those of an app that is gone are watched on.
    """

    def __init__(
        self,
        folder: Path,
        jobs: Callable[[], list[Job]],
        recorded: Callable[[str], bool],
        command: Sequence[str],
        workers: int,
        clock: Callable[[], float],
    ) -> None:
        self.queue: list[str] = []
        self._folder = folder
        self._jobs = jobs
        self._recorded = recorded
        self._command = command
        self._workers = workers
        self._clock = clock
        self._children: dict[tuple[str, float], subprocess.Popen[bytes]] = {}
        self._awake = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def wake(self) -> None:
        """See to it that the thread looks at the jobs soon."""
        self._awake.set()
        with self._starting:
            if self._closed.is_set() or (self._thread and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="effexplorer-jobs", daemon=True)
            self._thread.start()

    def close(self) -> bool:
        """Stop the thread; workers run on. Return whether all that it started have ended."""
        self._closed.set()
        self._awake.set()
        with self._starting:
            if self._thread:
                self._thread.join()
        self._reap()
        return not self._children

    def look(self) -> bool:
        """Settle what ended, start what may start; return whether anything is left to watch."""
        with process.locked(self._folder):
            jobs = self._jobs()
            unfinished = [job for job in jobs if not job.finished]
            waiting, running = [], 0
            for job in unfinished:
                if self._ended(job):
                    continue
                if job.state == QUEUED and not self._lives(job):
                    waiting.append(job)
                else:
                    running += job.silent_seconds(self._clock()) is None
                    self._end_when_overdue(job)
            waiting = in_turn(waiting, [job for job in jobs if job not in waiting])
            paused = read_settings(self._folder).paused
            free = 0 if paused else max(0, self._workers - running)
            for job in waiting[:free]:
                self._start(job)
            self.queue = [job.id for job in waiting[free:]]
            self._reap()
        return bool(unfinished or self._children)

    def _run(self) -> None:
        while self._awake.wait() and not self._closed.is_set():
            self._awake.clear()
            pause = limits.JOB_TICK_SECONDS
            try:
                busy = self.look()
            except (OSError, UserError) as error:
                _logger.warning("jobs: the folder must be readable and writable; got %s", error)
                busy, pause = True, limits.JOB_RETRY_SECONDS
            if busy:
                self._awake.set()
            self._closed.wait(pause)

    def _lives(self, job: Job) -> bool:
        child = self._children.get(job.attempt)
        return child.poll() is None if child else process.lives(job.folder)

    def _ended(self, job: Job) -> bool:
        """Tell whether the job is over, after giving it the last event that its worker did not."""
        if self._lives(job):
            return False
        child = self._children.get(job.attempt)
        cancelled = (job.folder / CANCEL_FILE).exists()
        if job.state == QUEUED and child is None and not cancelled:
            return False
        if not job.finished:
            event = {"kind": CANCELLED}
            if self._recorded(job.id):
                event = {"kind": DONE, "id": job.id}
            elif not cancelled:
                text = process.exit_sentence(child.returncode if child else None)
                event = {"kind": FAILED, "text": text}
            append_event(job.folder / EVENTS_FILE, event, self._clock)
        return True

    def _end_when_overdue(self, job: Job) -> None:
        try:
            asked = (job.folder / CANCEL_FILE).stat().st_mtime
        except FileNotFoundError:
            return
        if self._clock() - asked < limits.CANCEL_GRACE_SECONDS:
            return
        child = self._children.get(job.attempt)
        pids = [child.pid] if child else [event.get("pid") for event in job.events()[:1]]
        for pid in pids:
            if isinstance(pid, int) and pid > 1:
                process.kill_group(pid)

    def _start(self, job: Job) -> None:
        try:
            search = job.request is not None and job.request.search is not None
            command = process.SEARCH_WORKER if search else self._command
            child = process.start_worker(job.folder, command, self._workers)
        except OSError as error:
            text = f"run: the machine must be able to start a process; got {error.strerror}."
            append_event(job.folder / EVENTS_FILE, {"kind": FAILED, "text": text}, self._clock)
        else:
            if child:
                self._children[job.attempt] = child

    def _reap(self) -> None:
        """Let go of the children that ended, so that none stays a zombie."""
        for attempt, child in list(self._children.items()):
            if child.poll() is not None:
                del self._children[attempt]
