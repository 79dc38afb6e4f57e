"""The whole page: header, tabs, and what passes between them."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from effexplorer.jobs import JobQueue
from effexplorer.records.store import Store
from effexplorer.ui.build import tab as build
from effexplorer.ui.build.job_panel import job_state
from effexplorer.ui.exits import exits
from effexplorer.ui.explore import tab as explore
from effexplorer.ui.explore.view import RUN_ID
from effexplorer.ui.find import tab as find
from effexplorer.ui.lessons.panel import LessonsPanel, lessons_state
from effexplorer.ui.orders import orders
from effexplorer.ui.runs import runs
from effexplorer.ui.shared.errors import show_errors
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.run_page import run_page
from effexplorer.ui.shared.visibility import find_job

_QUIET = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": None,
    "trigger_mode": "multiple",  # "once" drops a watch that begins while the last one still ends
}


class HeaderPanel(Panel):
    """The name, how to read the plane, dark and projector mode."""

    script = "shared/header"


def make_page(store: Store, job_queue: JobQueue) -> gr.Blocks:  # noqa: C901 - it only nests the listeners
    """Return the app on these finished runs and these jobs."""
    with gr.Blocks(title="effexplorer", fill_width=True, analytics_enabled=False) as page:
        HeaderPanel(elem_id="header")
        LessonsPanel(lessons_state(), elem_id="lessons")
        with gr.Tabs(selected="explore", elem_id="tabs") as tabs:
            with gr.Tab("Explore", id="explore"):
                seen = explore.make_explore(store)
            with gr.Tab("Build", id="build"):
                built = build.make_build(store)
                finder = find.make_find(store)
            with gr.Tab("Orders", id="orders"):
                all_orders = orders.make_orders(store, job_queue)
            with gr.Tab("Early exit", id="exits"):
                exit_panel = exits.make_exits(store)
            with gr.Tab("Runs", id="runs"):
                all_runs = runs.make_runs(store, job_queue)
        watched = gr.State(build.Watched())
        find.connect(page, finder, store, job_queue, built.builder, tabs)

        @show_errors
        def open_link(watched: build.Watched, request: gr.Request) -> tuple[Any, ...]:
            watched.id, *shown = _linked(store, job_queue, request.query_params.get("run", ""))
            if "exits" in request.query_params:
                shown[-1] = gr.Tabs(selected="exits")
            elif "orders" in request.query_params:
                shown[-1] = gr.Tabs(selected="orders")
            elif "compare" in request.query_params:
                shown[-1] = gr.Tabs(selected="runs")
            return tuple(shown)

        @show_errors
        def start(watched: build.Watched, event: gr.EventData) -> Any:
            pipeline, owner = _sent(event, "pipeline"), _sent(event, "owner")
            watched.id, state = build.start(store, job_queue, pipeline, owner)
            watched.since = time.time()
            return state | {"since": watched.since} if state else gr.skip()

        @show_errors
        async def watch(watched: build.Watched) -> Any:
            since = watched.since
            async for state in build.watch(store, job_queue, watched):
                yield state | {"since": since}

        @show_errors
        def finish(watched: build.Watched) -> tuple[Any, ...]:
            run = store.find(watched.id)
            return _opened(run, store) if run else (gr.skip(),) * 3

        @show_errors
        def show_run(event: gr.EventData) -> tuple[Any, ...]:
            return _opened(explore.run_with(store, _sent(event, "id")), store)

        @show_errors
        def cancel(event: gr.EventData) -> None:
            build.cancel(job_queue, _sent(event, "id"), _sent(event, "owner"))

        @show_errors
        def build_run(event: gr.EventData) -> tuple[Any, ...]:
            run = explore.run_with(store, _sent(event, "id"))
            return build.in_builder(run.record.pipeline), gr.Tabs(selected="build")

        @show_errors
        def build_exits() -> tuple[Any, ...]:
            return build.in_builder(exits.suggested()), gr.Tabs(selected="build")

        opened = [seen.plane, seen.run, tabs]
        linked = page.load(open_link, watched, [seen.run, built.job, tabs], **_QUIET)
        started = built.builder.start_run(start, watched, built.job, **_QUIET)
        retried = built.job.start_run(start, watched, built.job, **_QUIET)
        for begun in (linked, started, retried):
            watching = begun.success(watch, watched, built.job, **_QUIET)
            watching.success(finish, watched, opened, **_QUIET)
        built.job.cancel_run(cancel, **_QUIET)
        built.builder.show_run(show_run, None, opened, **_QUIET)
        built.job.show_run(show_run, None, opened, **_QUIET)
        all_orders.open_run(show_run, None, opened, **_QUIET)
        all_runs.open_run(show_run, None, opened, **_QUIET)
        finder.open_run(show_run, None, opened, **_QUIET)
        seen.run.build_run(build_run, None, [built.builder, tabs], **_QUIET)
        exit_panel.build_exits(build_exits, None, [built.builder, tabs], **_QUIET)
        exit_panel.build_run(build_run, None, [built.builder, tabs], **_QUIET)
    return page


def _sent(event: gr.EventData, name: str) -> Any:
    """Return what the browser sent under ``name``, or None."""
    return getattr(event, name, None)


def _opened(run: Any, store: Store) -> tuple[Any, ...]:
    """Return the values that show ``run`` on the plane, open it and bring its tab to the front."""
    page = explore.opened(run, store)
    return explore.selection(run.record.id), page, gr.Tabs(selected="explore")


def _linked(store: Store, job_queue: JobQueue, id: str) -> tuple[Any, ...]:
    """Return the watched job, the run page, the job panel and the tab that ``?run=ID`` asks for."""
    run = store.find(id) if RUN_ID.fullmatch(id) else None
    if run:
        return "", run_page(run, store.runs()), gr.skip(), gr.skip()
    job = find_job(job_queue, id)
    if job:
        state = job_state(job, job_queue.place(id))
        return id, gr.skip(), state, gr.Tabs(selected="build")
    message = f"There is no run {id[:12]} here, neither finished nor in progress." if id else None
    return "", {"message": message} if message else None, gr.skip(), gr.skip()
