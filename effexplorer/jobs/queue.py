"""The queue: where everyone who shares the app asks for runs, finds them again and cancels them."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from effexplorer import home, limits
from effexplorer.errors import UserError, shown
from effexplorer.jobs.job import CANCEL_FILE, CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from effexplorer.jobs.process import WORKER, lives, locked
from effexplorer.jobs.request import REQUEST_FILE, Request, read_request
from effexplorer.jobs.scheduler import Scheduler
from effexplorer.jobs.settings import QueueSettings, read_settings, write_settings
from effexplorer.pipeline import Pipeline
from effexplorer.runner.identity import in_folders, look_up

_ID = re.compile(r"[0-9a-f]{12}")
_NEW, _OLD = ".new-", ".old-"
_DAY = 24 * 3600


class JobQueue:
    """All jobs of one home folder; several boards, also of several processes, may share it.

    ``folder`` holds one folder per job, named by the run's id; records stand beside it in
    ``runs``. ``command`` is the worker process, which is given the job's folder.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        command: Sequence[str] = WORKER,
        workers: int = limits.JOB_WORKERS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = Path(folder or home.jobs_folder()).absolute()
        self._records = (self.folder.parent / "runs", home.precomputed_folder() / "runs")
        self._clock = clock
        self._seen: dict[str, tuple[tuple[int, int], Job | None]] = {}
        self._scheduler = Scheduler(self.folder, self._all, self._recorded, command, workers, clock)

    def submit(self, pipeline: Pipeline, owner: str) -> Job:
        """Return the job of ``pipeline``: the one that is there, or a new one in the queue.

        A run that is queued, running or recorded is joined; one that failed or was cancelled
        starts anew. ``owner`` is the token of the browser that asks. Raises UserError when the
        pipeline cannot run or the queue is full.
        """
        id = look_up(pipeline, in_folders(*self._records)).id
        return self._submit(id, Request(pipeline, owner, self._clock()))

    def submit_search(self, pipeline: Pipeline, id: str, search: dict[str, Any], owner: str) -> Job:
        """Return the job of a ``search`` with this id: the one in progress, or a new one.

        It waits in the same queue as runs do, and whoever asks for the same search joins it. A
        search that has ended goes on from there. Raises UserError as ``submit`` does.
        """
        return self._submit(id, Request(pipeline, owner, self._clock(), search))

    def find(self, id: str) -> Job | None:
        """Return the job with this id, or None; a run of which a record is all there is is done."""
        job = self._find(id) if _ID.fullmatch(id) else None
        self._watch([job])
        return job

    def jobs(self) -> list[Job]:
        """Return all jobs, in the order in which they were asked for."""
        jobs = self._all()
        self._watch(jobs)
        return jobs

    def place(self, id: str) -> int | None:
        """Return the job's place in the queue, 1 for the next to start; None when not waiting."""
        job = self.find(id)
        if job is None or job.state != QUEUED:
            return None
        queue = self._scheduler.queue
        if id in queue:
            return queue.index(id) + 1
        return 1 if lives(job.folder) else len(queue) + 1  # starting, or not yet seen

    def waiting(self) -> list[str]:
        """Return the ids of the runs that wait, next first."""
        return list(self._scheduler.queue)

    def cancel(self, id: str, owner: str) -> None:
        """Ask the job to stop; it does between two steps, or is ended after a time of grace.

        A finished job is left as it is. Raises UserError when there is no such job, or when
        ``owner`` is not who first asked for it.
        """
        job = self.find(id)
        if job is None:
            raise UserError(f"cancel: must name a run in progress; got {shown(id)}.")
        if not job.finished and not job.may_cancel(owner):
            raise UserError("cancel: only the browser that started a run may; got another browser.")
        self.cancel_any(id)

    @property
    def settings(self) -> QueueSettings:
        """Return what was set for all who share the queue."""
        return read_settings(self.folder)

    def change_settings(self, settings: QueueSettings) -> None:
        """Set ``settings`` for all who share the queue."""
        with locked(self.folder):
            write_settings(self.folder, settings)
        self._scheduler.wake()

    def cancel_any(self, id: str) -> None:
        """Ask the job to stop, whoever asked for it; raises UserError when there is none."""
        job = self.find(id)
        if job is None:
            raise UserError(f"cancel: must name a run in progress; got {shown(id)}.")
        if not job.finished:
            (job.folder / CANCEL_FILE).touch()
            self._scheduler.wake()

    def resume(self) -> None:
        """Go on after a start of the app: old jobs are removed, waiting ones run."""
        if not self.folder.is_dir():
            return
        with locked(self.folder):
            self._remove_old()
        self.jobs()

    def close(self) -> bool:
        """Stop watching; workers run on, and another queue finds them.

        Returns whether all workers that this queue started have ended.
        """
        return self._scheduler.close()

    def _submit(self, id: str, request: Request) -> Job:
        with locked(self.folder):
            job = self._find(id)
            if job is None or self._must_start(job):
                self._refuse_when_full(request.owner)
                job = self._create(id, request)
        self._watch([job])
        return job

    def _watch(self, jobs: Sequence[Job | None]) -> None:
        if any(job is not None and not job.finished for job in jobs):
            self._scheduler.wake()

    def _all(self) -> list[Job]:
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        jobs = filter(
            None, [self._read(folder) for folder in folders if _ID.fullmatch(folder.name)]
        )
        return sorted(jobs, key=lambda job: (job.submitted, job.id))

    def _find(self, id: str) -> Job | None:
        """Return the job; one without success whose record came another way counts as done."""
        job = self._read(self.folder / id)
        if (job is None or job.state in (FAILED, CANCELLED)) and self._recorded(id):
            return Job(self.folder / id, None)
        return job

    def _read(self, folder: Path) -> Job | None:
        """Return the job in ``folder``; the same object as long as it is the same attempt."""
        try:
            status = (folder / REQUEST_FILE).stat()
        except FileNotFoundError:
            return None
        stamp = (status.st_ino, status.st_mtime_ns)
        if self._seen.get(folder.name, (None,))[0] != stamp:
            try:
                job = Job(folder, read_request(folder))
            except UserError:
                job = None
            self._seen[folder.name] = (stamp, job)
        return self._seen[folder.name][1]

    def _recorded(self, id: str) -> bool:
        return any((folder / f"{id}.json").is_file() for folder in self._records)

    def _must_start(self, job: Job) -> bool:
        if job.state == DONE:
            return not self._recorded(job.id)
        return job.state not in (QUEUED, RUNNING)

    def _refuse_when_full(self, owner: str) -> None:
        waiting = [job for job in self._all() if job.state == QUEUED]
        if len(waiting) >= limits.MAX_QUEUED_JOBS:
            raise UserError(
                f"queue: must hold at most {limits.MAX_QUEUED_JOBS} runs; got one more. "
                "Try again when some have finished."
            )
        own, most = sum(job.may_cancel(owner) for job in waiting), self.settings.per_owner
        if own >= most:
            raise UserError(
                f"queue: must hold at most {most} waiting runs of one browser; got one more. "
                "Try again when one of yours has started."
            )

    def _create(self, id: str, request: Request) -> Job:
        """Return the new job, its folder put in place as a whole over what an earlier one left."""
        draft, old = self.folder / f"{_NEW}{id}", self.folder / f"{_OLD}{id}"
        for left_over in (draft, old):
            shutil.rmtree(left_over, ignore_errors=True)
        draft.mkdir()
        request.write(draft)
        if (self.folder / id).exists():
            (self.folder / id).rename(old)
        draft.rename(self.folder / id)
        shutil.rmtree(old, ignore_errors=True)
        return self._read(self.folder / id) or Job(self.folder / id, request)

    def _remove_old(self) -> None:
        oldest = self._clock() - limits.JOB_DAYS * _DAY
        for folder in list(self.folder.iterdir()):
            if folder.name.startswith((_NEW, _OLD)):
                shutil.rmtree(folder, ignore_errors=True)
            elif _ID.fullmatch(folder.name) and _last_change(folder) < oldest:
                job = self._read(folder)
                if (job is None or job.finished) and not lives(folder):
                    shutil.rmtree(folder, ignore_errors=True)
                    self._seen.pop(folder.name, None)


def _last_change(folder: Path) -> float:
    return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))


def open_queue() -> JobQueue:
    """Return the queue of the user's home folder, with what was waiting there going on."""
    job_queue = JobQueue()
    job_queue.resume()
    return job_queue
