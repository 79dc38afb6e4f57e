"""A run's model to download: what a format leaves out, then the zip, made for its one reader.

A zip stands in a temporary folder that is removed when it is sent, or when its reader is gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.exports.export import Plan, plan, read_formats, write, write_zip
from effexplorer.exports.source import open_source
from effexplorer.records.store import Store
from effexplorer.ui.explore.tab import run_with
from effexplorer.ui.shared.errors import return_errors

PATH = "/export/{run}/{format}"

Answer = Callable[[Plan, Path], Response]


def export_routes(store: Store) -> list[Route]:
    """Return the routes: ``PATH`` gives what a format leaves out, ``PATH.zip`` the model in it."""
    turn = threading.Lock()
    places = threading.BoundedSemaphore(limits.MAX_OPEN_EXPORTS)
    answers = {f"{PATH}.zip": archive, PATH: left_out}
    return [
        Route(path, _Endpoint(store, answer, turn, places), methods=["GET"])
        for path, answer in answers.items()
    ]


def left_out(export: Plan, folder: Path) -> Response:
    """Return under ``left_out`` what the format cannot hold of the model, a sentence each."""
    return JSONResponse({"left_out": list(export.notes)})


def archive(export: Plan, folder: Path) -> Response:
    """Return the export as one file, made in ``folder``; raises UserError if the disk is full."""
    name = "-".join((export.source.record.id, *export.formats))
    write(export, folder / name)
    try:
        write_zip(folder / name, folder / f"{name}.zip")
    except OSError as error:
        raise UserError(f"zip: must fit on the server's disk; got {error.strerror}.") from error
    return FileResponse(folder / f"{name}.zip", filename=f"{name}.zip")


class _Endpoint:
    """An ASGI app that answers about a run's model in a format, in a thread, one at a time.

    The folder and the place are held until the answer is sent: a FileResponse reads while it sends.
    """

    def __init__(
        self,
        store: Store,
        answer: Answer,
        turn: threading.Lock,
        places: threading.BoundedSemaphore,
    ) -> None:
        self._store, self._answer, self._turn, self._places = store, answer, turn, places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, if it comes from no other site's page and a place is free."""
        request = Request(scope, receive)
        if request.headers.get("sec-fetch-site") == "cross-site":
            await _refusal("export: must be asked for by a page of this app.", 403)(
                scope, receive, send
            )
            return
        if not self._places.acquire(blocking=False):
            text = f"export: must wait; {limits.MAX_OPEN_EXPORTS} others are being made or sent."
            await _refusal(text, 503)(scope, receive, send)
            return
        try:
            with TemporaryDirectory() as folder:
                response = await run_in_threadpool(self._made, request.path_params, Path(folder))
                await response(scope, receive, send)
        finally:
            self._places.release()

    def _made(self, asked: dict[str, Any], folder: Path) -> Response:
        @return_errors
        def answer() -> Response:
            with self._turn:
                formats = read_formats(asked["format"])
                source = open_source(run_with(self._store, asked["run"]))
                return self._answer(plan(source, formats), folder)

        made = answer()
        return made if isinstance(made, Response) else JSONResponse(made, 400)


def _refusal(sentence: str, status: int) -> Response:
    return JSONResponse({"error": sentence}, status)
