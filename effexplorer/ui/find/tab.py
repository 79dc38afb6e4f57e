"""The Find part of the Build tab: its panel, and what passes between it and the jobs."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from effexplorer.jobs import JobQueue
from effexplorer.records.store import Store
from effexplorer.ui.build.builder import read_pipeline
from effexplorer.ui.build.tab import Watched, in_builder
from effexplorer.ui.find import progress
from effexplorer.ui.find.messages import FindState, Outlook
from effexplorer.ui.find.panel import FindPanel, find_state, search_outlook
from effexplorer.ui.shared.errors import return_errors, show_errors

_QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": None,
    "trigger_mode": "multiple",
}


def make_find(store: Store) -> FindPanel:
    """Draw the panel into the Blocks at hand and return it."""

    @return_errors
    def begin(_: Any = None) -> FindState:
        return find_state()

    @return_errors
    def outlook(description: Any) -> Outlook:
        return search_outlook(description, store.runs())

    return FindPanel(server=(begin, outlook), elem_id="find")


def connect(
    page: gr.Blocks,
    panel: FindPanel,
    store: Store,
    job_queue: JobQueue,
    builder: gr.HTML,
    tabs: gr.Tabs,
) -> None:
    """Let ``panel`` start, watch and stop searches, and open what they find in the ``builder``."""
    watched = gr.State(Watched())

    @show_errors
    def open_link(watched: Watched, request: gr.Request) -> tuple[Any, Any]:
        state = progress.linked(job_queue, store, request.query_params.get("search", ""))
        watched.id = state["id"] if state else ""
        return (state, gr.Tabs(selected="build")) if state else (gr.skip(), gr.skip())

    @show_errors
    def start(watched: Watched, event: gr.EventData) -> Any:
        search, owner = getattr(event, "search", None), getattr(event, "owner", None)
        state = progress.start(job_queue, store, search, owner)
        watched.id, watched.since = state["id"], time.time()
        return state | {"since": watched.since}

    @show_errors
    async def watch(watched: Watched) -> Any:
        since = watched.since
        async for state in progress.watch(job_queue, store, watched):
            yield state | {"since": since}

    @show_errors
    def cancel(event: gr.EventData) -> None:
        progress.cancel(job_queue, getattr(event, "id", None), getattr(event, "owner", None))

    @show_errors
    def build_search(event: gr.EventData) -> tuple[Any, Any]:
        pipeline = read_pipeline(getattr(event, "pipeline", None))
        return in_builder(pipeline.to_dict()), gr.Tabs(selected="build")

    linked = page.load(open_link, watched, [panel, tabs], **_QUIET)
    started = panel.start_search(start, watched, panel, **_QUIET)
    for begun in (linked, started):
        begun.success(watch, watched, panel, **_QUIET)
    panel.cancel_search(cancel, **_QUIET)
    panel.build_search(build_search, None, [builder, tabs], **_QUIET)
