"""How long the waiting runs still have to wait, as far as the runs before them can be judged."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache

from effexplorer import limits
from effexplorer.jobs.job import QUEUED, RUNNING, Job
from effexplorer.jobs.queue import JobQueue
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import Store
from effexplorer.runner.estimate import estimate

_estimating = threading.Lock()  # of many who watch, one judges and the others find it done


def seconds_until_start(queue: JobQueue, store: Store) -> dict[str, float | None]:
    """Return about how many seconds pass before each waiting job starts, by its id.

    The rest of the runs in progress and the whole of those before it, by the runs of ``store`` that
    were timed. None where one of them cannot be judged; a paused queue has no times.
    """
    if queue.settings.paused:
        return {}
    jobs = queue.jobs()
    wait = _sum(job.progress().eta_seconds for job in jobs if job.state == RUNNING)
    changes = store.changes()
    waits = {}
    for job in _in_order(queue, [job for job in jobs if job.state == QUEUED]):
        waits[job.id] = wait
        if wait is not None and job.pipeline:
            with _estimating:
                wait = _sum((wait, _whole(job.pipeline, store, changes)))
    return waits


def _in_order(queue: JobQueue, jobs: list[Job]) -> list[Job]:
    """Return the waiting ``jobs``, next first; one that is starting comes before all others."""
    waiting = queue.waiting()
    return sorted(jobs, key=lambda job: (queue.place(job.id) or 0, job.id in waiting))


def _sum(parts: Iterable[float | None]) -> float | None:
    known = list(parts)
    return None if None in known else sum(filter(None, known))


@lru_cache(maxsize=2 * limits.MAX_QUEUED_JOBS)
def _whole(pipeline: Pipeline, store: Store, changes: int) -> float | None:
    """Return the seconds that ``pipeline`` takes, judged anew after ``changes`` to the store."""
    prediction = estimate(pipeline, store.runs())
    return prediction.seconds if prediction else None
