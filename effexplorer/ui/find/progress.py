"""A search in progress: what its panel shows, and how a browser starts, watches and stops it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from effexplorer import home, runner, units
from effexplorer.errors import UserError
from effexplorer.find.log import SearchLog
from effexplorer.find.request import Request
from effexplorer.find.state import Point
from effexplorer.jobs import JobQueue
from effexplorer.jobs.job import Job
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import Store
from effexplorer.runner.identity import look_up
from effexplorer.ui.build.tab import Watched, read_owner
from effexplorer.ui.explore.view import read_id
from effexplorer.ui.find.messages import SearchState
from effexplorer.ui.find.panel import read_search
from effexplorer.ui.shared.visibility import find_job

_LOOK_SECONDS = 0.5
_FINDINGS = 12  # the latest lines that are shown


def start(job_queue: JobQueue, store: Store, description: Any, owner: Any) -> SearchState:
    """Return what the panel shows of the search that a browser asks for, new or joined.

    Raises UserError when it cannot be done here, or the queue is full.
    """
    request, owner = read_search(description), read_owner(owner)
    problems = runner.check(request.pipeline)
    if problems:
        raise UserError(" ".join(problems))
    job = job_queue.submit_search(request.pipeline, request.key, request.to_dict(), owner)
    return search_state(job, job_queue.place(job.id), store, mine=job.may_cancel(owner))


def linked(job_queue: JobQueue, store: Store, id: str) -> SearchState | None:
    """Return what the panel shows of the search that a link names, or None if there is none."""
    job = find_search(job_queue, id)
    return None if job is None else search_state(job, job_queue.place(job.id), store)


async def watch(job_queue: JobQueue, store: Store, watched: Watched) -> AsyncIterator[SearchState]:
    """Yield what the panel shows, whenever it changed, until the search is over."""
    id, shown_before = watched.id, None
    while (job := find_search(job_queue, id)) and watched.id == id:
        finished = job.finished
        state = search_state(job, job_queue.place(id), store)
        if state != shown_before:
            yield state
        if finished:
            return
        shown_before = state
        await asyncio.sleep(_LOOK_SECONDS)


def cancel(job_queue: JobQueue, id: Any, owner: Any) -> None:
    """Ask the search to stop; raises UserError when it is another browser's."""
    job_queue.cancel(read_id(id), read_owner(owner))


def find_search(job_queue: JobQueue, id: str) -> Job | None:
    """Return the job of the search with this id, or None; a run's job is none."""
    job = find_job(job_queue, id) if id else None
    return job if job and job.request and job.request.search else None


def search_state(job: Job, place: int | None, store: Store, *, mine: bool = False) -> SearchState:
    """Return what the panel shows of a search's ``job``, in plain JSON values."""
    request = Request.from_dict(job.request.search if job.request else None)
    events = SearchLog(home.searches_folder() / job.id).events()
    texts = [event["text"] for event in events if event["kind"] in ("finding", "trial_failed")]
    spent = max((event.get("spent", 0.0) for event in events), default=0.0)
    every = request.pipeline.train_examples
    return {
        "id": job.id,
        "mine": mine,
        "state": "cancelling" if job.cancelling else job.state,
        "place": place,
        "model": request.pipeline.model,
        "task": request.pipeline.task,
        "goal": str(request.goal),
        "axis": request.goal.axis,
        "limit": request.goal.costs.get(request.goal.axis),
        "min_score": request.goal.min_score,
        "lose_at_most": request.goal.lose_at_most,
        "points": [_point(event, every) for event in events if event["kind"] == "measured"],
        "plan": _last(events, "plan"),
        "why": "" if job.finished else _last(events, "chosen"),
        "ranking": _last(events, "ranking"),
        "findings": texts[-_FINDINGS:],
        "fraction": min(1.0, spent / request.budget),
        "clock": f"{units.duration(spent)} of {units.duration(request.budget)}",
        "answer": _answer(events, store) if job.state == "done" else None,
        "failure": job.progress().failure,
    }


def _point(event: dict[str, Any], every: int | None) -> dict[str, Any]:
    point, pipeline = Point.of(event["stage"]), Pipeline.from_dict(event["pipeline"])
    return {
        "score": point.score,
        "costs": dict(point.costs),
        "steps": event["steps"],
        "seed": pipeline.seed,
        "explored": event["explored"],
        "few": pipeline.train_examples != every,
    }


def _answer(events: list[dict[str, Any]], store: Store) -> dict[str, Any] | None:
    answers = [event for event in events if event["kind"] == "answer"]
    if not answers:
        return None
    best = answers[-1]["best"]
    run = look_up(Pipeline.from_dict(best["pipeline"]), store.record).id if best else ""
    return {
        "text": answers[-1]["text"],
        "keeps": answers[-1]["keeps"],
        "run": run,
        "best": best
        and {"score": best["score"], "low": best["low"], "high": best["high"]}
        | {"costs": best["costs"], "pipeline": best["pipeline"], "steps": best["steps"]},
    }


def _last(events: list[dict[str, Any]], kind: str) -> str:
    return next((event["text"] for event in reversed(events) if event["kind"] == kind), "")
