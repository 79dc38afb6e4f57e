"""The Explore tab: the plane of all runs, and the run that is opened."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import gradio as gr

from effexplorer.errors import UserError, shown
from effexplorer.records.export import to_file
from effexplorer.records.store import Run, Store
from effexplorer.ui.explore.messages import PlaneState
from effexplorer.ui.explore.plane import PlanePanel, plane_state
from effexplorer.ui.explore.view import filtered, read_id, read_view
from effexplorer.ui.shared.errors import return_errors, show_errors
from effexplorer.ui.shared.messages import RunPage
from effexplorer.ui.shared.run_page import RunPanel, run_page


@dataclass(frozen=True)
class Explore:
    """The tab's two panels."""

    plane: PlanePanel
    run: RunPanel


def make_explore(store: Store) -> Explore:
    """Draw the tab into the Blocks at hand and return its panels."""

    @return_errors
    def redraw(view: Any) -> PlaneState:
        return plane_state(read_view(view), store.runs(), store.problems())

    @return_errors
    def written(asked: Any) -> dict[str, str]:
        if not isinstance(asked, dict):
            raise UserError(f"file: must name a view and a kind; got {shown(asked)}.")
        view = read_view(asked.get("view"))
        return to_file(filtered(view, store.runs()), asked.get("kind"))

    @show_errors
    def open_run(event: gr.EventData) -> RunPage:
        return opened(run_with(store, getattr(event, "id", None)), store)

    with gr.Row(elem_classes="fx-columns"):
        with gr.Column(scale=8, min_width=320):
            plane = PlanePanel(server=(redraw, written), elem_id="plane")
        with gr.Column(scale=5, min_width=320):
            run = RunPanel(elem_id="run-page")
    plane.open_run(
        open_run,
        outputs=run,
        trigger_mode="always_last",
        show_progress="hidden",
        concurrency_limit=None,
        api_visibility="private",
    )
    return Explore(plane, run)


def run_with(store: Store, id: Any) -> Run:
    """Return the run with this id; raises UserError when there is none."""
    run = store.find(read_id(id))
    if run is None:
        raise UserError(f"run: must be one of the finished runs; got {id}, which is not here.")
    return run


def opened(run: Run, store: Store) -> RunPage:
    """Return the value that opens ``run``, even if it was the last one that was closed."""
    return {**run_page(run, store.runs()), "time": time.time()}


def selection(id: str) -> dict[str, Any]:
    """Return the value that lets the plane show the run with this id, even if it did before."""
    return {"select": id, "time": time.time()}
