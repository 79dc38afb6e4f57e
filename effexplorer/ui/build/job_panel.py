"""The panel of a running job: where it is, what was measured so far, and how it ended."""

from __future__ import annotations

import dataclasses
from typing import Any

from effexplorer import units
from effexplorer.figures import mark
from effexplorer.jobs import Job
from effexplorer.ui.shared.panel import Panel


class JobPanel(Panel):
    """The watched job. Its script tells ``cancel_run`` and ``show_run``."""

    script = "build/job_panel"


def job_state(job: Job, place: int | None, *, mine: bool = False) -> dict[str, Any]:
    """Return what the panel shows of ``job`` as texts in plain JSON values.

    ``place`` is its place in the queue, 1 for the next. ``mine`` tells the browser that it may
    cancel; the owner's token itself is never sent.
    """
    progress = job.progress()
    letters = job.pipeline.letters if job.pipeline else ""
    eta = progress.eta_seconds
    return {
        "id": job.id,
        "mine": mine,
        "state": "cancelling" if job.cancelling else job.state,
        "letters": letters,
        "mark": dataclasses.asdict(mark(letters)),
        "subtitle": f"{job.pipeline.model} on {job.pipeline.task}" if job.pipeline else "",
        "fraction": progress.fraction,
        "now": progress.text.removesuffix(f", {progress.detail}"),
        "detail": progress.detail,
        "place": place,
        "elapsed": units.duration(progress.elapsed),
        "eta": "" if eta is None else units.duration(eta),
        "stages": _stages(progress),
        "losses": [[seen, loss] for _, seen, loss in progress.losses],
        "notes": list(progress.notes),
        "failure": progress.failure,
    }


def _stages(progress: Any) -> list[dict[str, Any]]:
    """Return every planned stage, with what was measured where it has been."""
    planned = [
        {"step": step, "state": "now" if index == progress.index else "later", "cells": []}
        for index, (step, _) in enumerate(progress.plan)
    ]
    for row, stage in zip(planned, progress.measured, strict=False):
        row["state"] = "reused" if stage["reused"] else "done"
        row["cells"] = [
            units.percent(stage["score"]),
            units.megabytes(stage["bytes"]),
            units.milliseconds(stage["latency_ms"]),
        ]
    return planned
