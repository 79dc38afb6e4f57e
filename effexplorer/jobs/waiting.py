"""How long a waiting run still has to wait, as far as the runs before it can be judged."""

from __future__ import annotations

from collections.abc import Sequence

from effexplorer.jobs.job import RUNNING, Job
from effexplorer.jobs.queue import JobQueue
from effexplorer.records.store import Run
from effexplorer.runner.estimate import estimate


def seconds_until_start(queue: JobQueue, id: str, runs: Sequence[Run]) -> float | None:
    """Return about how many seconds pass before the waiting job ``id`` starts.

    The rest of the runs in progress and the whole of those before it, by ``runs`` that were timed.
    None for a job that does not wait, while the queue is paused, and where one of them cannot be
    judged.
    """
    place = queue.place(id)
    if place is None or queue.settings.paused:
        return None
    jobs = {job.id: job for job in queue.jobs() if not job.finished}
    before = [jobs[other] for other in queue.waiting()[: place - 1] if other in jobs]
    running = [job for job in jobs.values() if job.state == RUNNING]
    parts = [_rest(job) for job in running] + [_whole(job, runs) for job in before]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _rest(job: Job) -> float | None:
    return job.progress().eta_seconds


def _whole(job: Job, runs: Sequence[Run]) -> float | None:
    told = estimate(job.pipeline, runs) if job.pipeline else None
    return told.seconds if told else None
