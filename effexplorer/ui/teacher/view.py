"""The teacher's view of the queue: who waits for what, cancel any run, pause, bound each browser.

It is opened by a token that the server prints at its start, so that a class cannot rule its own
queue. The token is sent in a header with every request; nothing of it is logged or kept.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypedDict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from effexplorer import units
from effexplorer.errors import UserError, shown
from effexplorer.jobs import Job, JobQueue
from effexplorer.jobs.settings import QueueSettings
from effexplorer.jobs.waiting import seconds_until_start
from effexplorer.records.store import Store
from effexplorer.ui.shared.errors import sentence
from effexplorer.ui.shared.visibility import everything

FOLDER = Path(__file__).parent
PATH = "/teacher"
TOKEN_HEADER = "x-teacher-token"  # noqa: S105 - the name of a header, not a token
_MAX_BODY = 10_000  # bytes; a command has about 60


class JobRow(TypedDict):
    """One run of the queue as the page shows it; ``browser`` tells browsers apart, nameless."""

    id: str
    browser: str
    pipeline: str
    state: str
    place: int | None
    now: str
    waits: str


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(16)


def teacher_routes(store: Store, queue: JobQueue, token: str) -> list[Route]:  # noqa: C901 - it only nests the routes
    """Return the page and what it asks; every answer but the page itself needs the token."""

    def state() -> dict[str, Any]:
        return queue_state(store, queue, time.time())

    def command(data: Any) -> dict[str, Any]:
        obey(queue, data)
        return state()

    async def page(request: Request) -> Response:
        return FileResponse(FOLDER / "teacher.html")

    async def script(request: Request) -> Response:
        return FileResponse(FOLDER / "teacher.js", media_type="text/javascript")

    async def look(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(state))

    async def act(request: Request) -> Response:
        data = _read_json(await request.body())
        return JSONResponse(await run_in_threadpool(command, data))

    def guarded(answer: Callable[[Request], Awaitable[Response]]) -> Any:
        async def answered(request: Request) -> Response:
            given = request.headers.get(TOKEN_HEADER, "")
            if not secrets.compare_digest(given.encode(), token.encode()):
                return JSONResponse({"error": "teacher: the token must be right."}, 403)
            try:
                return await answer(request)
            except UserError as error:
                return JSONResponse({"error": sentence(error)}, 400)

        return answered

    return [
        Route(PATH, page),
        Route(f"{PATH}/teacher.js", script),
        Route(f"{PATH}/queue", guarded(look), methods=["GET"]),
        Route(f"{PATH}/queue", guarded(act), methods=["POST"]),
    ]


def queue_state(store: Store, queue: JobQueue, now: float) -> dict[str, Any]:
    """Return the settings and the unfinished runs, the running ones first, then in their turn."""
    jobs = [job for job in queue.jobs() if not job.finished]
    browsers: dict[str, str] = {}
    for job in jobs:
        owner = job.request.owner if job.request else ""
        browsers.setdefault(owner, f"browser {len(browsers) + 1}")
    with everything():
        waits = seconds_until_start(queue, store)
    rows = [_row(job, queue, browsers, waits.get(job.id), now) for job in jobs]
    rows.sort(key=lambda row: row["place"] or 0)
    return {"settings": dataclasses.asdict(queue.settings), "jobs": rows}


def obey(queue: JobQueue, data: Any) -> None:
    """Do what the page asks: ``{"cancel": id}`` or ``{"settings": {...}}``; raises UserError."""
    if isinstance(data, dict) and isinstance(data.get("cancel"), str):
        queue.cancel_any(data["cancel"])
    elif isinstance(data, dict) and isinstance(data.get("settings"), dict):
        known = {field.name for field in dataclasses.fields(QueueSettings)}
        if not set(data["settings"]) <= known:
            raise UserError(f"settings: must be of {', '.join(sorted(known))}; got {shown(data)}.")
        queue.change_settings(dataclasses.replace(queue.settings, **data["settings"]))
    else:
        raise UserError(f"command: must cancel a run or change settings; got {shown(data)}.")


def _read_json(body: bytes) -> Any:
    if len(body) > _MAX_BODY:
        raise UserError(f"command: must have at most {_MAX_BODY} bytes; got {len(body)}.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        text = shown(body.decode("utf-8", "replace"))
        raise UserError(f"command: must be JSON; got {text}.") from error


def _row(
    job: Job, queue: JobQueue, browsers: dict[str, str], wait: float | None, now: float
) -> JobRow:
    pipeline, place = job.pipeline, queue.place(job.id)
    silent = job.silent_seconds(now)
    return JobRow(
        id=job.id,
        browser=browsers[job.request.owner if job.request else ""],
        pipeline=f"{pipeline.letters} of {pipeline.model} on {pipeline.task}" if pipeline else "",
        state="cancelling" if job.cancelling else "silent" if silent else job.state,
        place=place,
        now=job.progress().text,
        waits="" if wait is None else units.duration(wait),
    )
