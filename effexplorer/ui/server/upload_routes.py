"""The routes by which a browser brings a file of labelled texts; ``uploads`` keeps the files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.ui.server.uploads import OFF, PATH, Answer, Uploads
from effexplorer.ui.shared.errors import return_errors


def upload_routes(*, allowed: bool) -> list[Route]:
    """Return the routes below ``PATH``; without ``allowed`` they take nothing and say why.

    A refusal is an answer with ``error``, as it is of a panel's calls.
    """
    uploads = Uploads(allowed=allowed)

    @return_errors
    def about() -> Answer:
        return uploads.about()

    async def tell(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(about))

    async def take(request: Request) -> Response:
        @return_errors
        async def taken() -> Answer:
            _check_allowed(uploads)
            with uploads.place():
                return await uploads.take(request)

        try:
            return JSONResponse(await taken())
        except ClientDisconnect:
            return JSONResponse({"error": "own data: the file must arrive whole; got a part."})

    def act(action: Callable[[Answer], Answer]) -> Callable[[Request], Any]:
        @return_errors
        def done(body: bytes) -> Answer:
            _check_allowed(uploads)
            with uploads.place():
                return action(_plain(body))

        async def answer(request: Request) -> Response:
            return JSONResponse(await run_in_threadpool(done, await _body(request)))

        return answer

    actions = {"look": uploads.look, "task": uploads.add, "remove": uploads.remove}
    return [
        Route(PATH, tell, methods=["GET"]),
        Route(f"{PATH}/file", take, methods=["POST"]),
        *(
            Route(f"{PATH}/{name}", act(action), methods=["POST"])
            for name, action in actions.items()
        ),
    ]


def _check_allowed(uploads: Uploads) -> None:
    if not uploads.allowed:
        raise UserError(OFF)


async def _body(request: Request) -> bytes:
    """Return a request's body, as far as it is of a bearable size."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limits.MAX_REQUEST_BYTES:
            return b""
    return body


def _plain(body: bytes) -> Answer:
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        raise UserError("own data: a request must be a JSON object; got another.")
    return plain
