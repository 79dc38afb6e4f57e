"""The panel of a running job: where it is, what was measured so far, and how it ended."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from effexplorer import units
from effexplorer.figures import mark
from effexplorer.jobs import Job
from effexplorer.ui.build.messages import JobState
from effexplorer.ui.shared.panel import Panel


class JobPanel(Panel):
    """The watched job. Its script tells ``start_run``, ``cancel_run`` and ``show_run``."""

    script = "build/job_panel"
    parts = ("build/clock",)


def job_state(
    job: Job,
    place: int | None,
    *,
    mine: bool = False,
    waits: float | None = None,
    now: float | None = None,
) -> JobState:
    """Return what the panel shows of ``job`` as texts in plain JSON values.

    ``place`` is its place in the queue, 1 for the next. ``mine`` tells the browser that it may
    cancel; the owner's token itself is never sent. ``waits`` are the seconds until a waiting job
    starts, None where nobody can tell. ``now`` is in Unix seconds, the clock's if None.
    ``started`` and ``latest`` are Unix times, so that its clock goes on between two events;
    ``pipeline`` is what starts a failed run again.
    """
    silent = job.silent_seconds(time.time() if now is None else now)
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
        "waits": "" if waits is None else units.duration(waits),
        "started": progress.started,
        "latest": progress.latest,
        "eta": eta,
        "pipeline": job.pipeline.to_dict() if job.pipeline else None,
        "stages": _stages(progress),
        "losses": [[seen, loss] for _, seen, loss in progress.losses],
        "notes": list(progress.notes),
        "failure": progress.failure,
        "silent": "" if silent is None else _silence(silent),
    }


def _silence(seconds: float) -> str:
    return (
        f"The run's process has given no sign of life for {units.duration(seconds)}: it was "
        "stopped, or the machine has no time for it. Others start meanwhile."
    )


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
