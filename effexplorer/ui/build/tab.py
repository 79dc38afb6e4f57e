"""The Build tab: a pipeline in, a job to watch, a finished run out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from effexplorer import runner
from effexplorer.errors import UserError, shown
from effexplorer.jobs import JobQueue
from effexplorer.jobs.waiting import seconds_until_start
from effexplorer.records.store import Store
from effexplorer.runner.identity import look_up
from effexplorer.ui.build.builder import (
    BuilderPanel,
    builder_state,
    data_cautions,
    judgement,
    reach,
    read_pipeline,
)
from effexplorer.ui.build.job_panel import JobPanel, job_state
from effexplorer.ui.build.messages import BuilderState, JobState, Judgement
from effexplorer.ui.explore.view import read_id
from effexplorer.ui.shared.errors import return_errors
from effexplorer.ui.shared.visibility import TOKEN, everything, find_job

_LOOK_SECONDS = 0.25
_JUDGE_SECONDS = 5.0  # judging looks at the whole queue; 30 who watch ask for it together


@dataclass(frozen=True)
class Build:
    """The tab's two panels."""

    builder: BuilderPanel
    job: JobPanel


@dataclass
class Watched:
    """The job that a tab looks at; its watchers see at once when that becomes another.

    ``since``, in seconds, tells when: what is told of an earlier job comes too late.
    """

    id: str = ""
    since: float = 0.0


def make_build(store: Store) -> Build:
    """Draw the tab into the Blocks at hand and return its panels."""

    @return_errors
    def begin(_: Any = None) -> BuilderState:
        return builder_state()

    @return_errors
    def judge(description: Any) -> Judgement:
        return judgement(description, store.runs())

    @return_errors
    def look_at_data(description: Any) -> list[str]:
        return data_cautions(description)

    panel_calls = (begin, judge, look_at_data, return_errors(reach))
    with gr.Row(elem_classes="fx-columns"):
        with gr.Column(scale=7, min_width=320):
            builder = BuilderPanel(server=panel_calls, elem_id="builder")
        with gr.Column(scale=5, min_width=320):
            job = JobPanel(elem_id="job")
    return Build(builder, job)


def start(store: Store, job_queue: JobQueue, pipeline: Any, owner: Any) -> tuple[str, Any]:
    """Return the id of the run that ``pipeline`` describes and what the job panel shows of it.

    A run that exists is left as it is. Raises UserError when the pipeline cannot run here, or the
    queue is full.
    """
    plan, owner = read_pipeline(pipeline), read_owner(owner)
    answer = look_up(plan, store.record)
    if answer.record:
        return answer.id, None
    problems = runner.check(plan)
    if problems:
        raise UserError(" ".join(problems))
    job = job_queue.submit(plan, owner)
    return job.id, job_state(job, job_queue.place(job.id), mine=job.may_cancel(owner))


async def watch(store: Store, job_queue: JobQueue, watched: Watched) -> AsyncIterator[JobState]:
    """Yield what the job panel shows, whenever it changed, until the job is over.

    Ends as well when the tab turns to another job. How long it waits is judged every few seconds.
    """
    id, shown_before, waits, judged = watched.id, None, None, 0.0
    while (job := find_job(job_queue, id) if id else None) and watched.id == id:
        finished = job.finished
        if time.monotonic() - judged > _JUDGE_SECONDS:
            with everything():
                every_wait = await asyncio.to_thread(seconds_until_start, job_queue, store)
            waits, judged = every_wait.get(id), time.monotonic()
        state = job_state(job, job_queue.place(id), waits=waits)
        if state != shown_before and job.request:
            yield {**state, "time": time.time()}
        if finished:
            return
        shown_before = state
        await asyncio.sleep(_LOOK_SECONDS)


def cancel(job_queue: JobQueue, id: Any, owner: Any) -> None:
    """Ask the job to stop; raises UserError when it is another browser's."""
    job_queue.cancel(read_id(id), read_owner(owner))


def in_builder(pipeline: dict[str, Any]) -> dict[str, Any]:
    """Return the value that sets the builder to ``pipeline``, even if it did before."""
    return {"pipeline": pipeline, "time": time.time()}


def read_owner(data: Any) -> str:
    """Return a browser's token; raises UserError when it is none."""
    if not isinstance(data, str) or not TOKEN.fullmatch(data):
        raise UserError(f"owner: must be 32 hexadecimal digits; got {shown(data)}.")
    return data
