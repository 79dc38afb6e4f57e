"""Requests on their way in: from which browser and page, and whether their client is still there.

A page of another site must not start runs on a local app: its browser names the page's origin with
every request that changes something, and such a request is refused.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from effexplorer.inference.service import Client, current_client
from effexplorer.ui.shared.visibility import COOKIE, SCOPE, TOKEN, asking

_SAFE = {"GET", "HEAD", "OPTIONS"}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_UPLOAD = "/gradio_api/upload"  # Gradio takes any file there; ours come by a way of their own


class Clients:
    """ASGI middleware: refuses requests of other sites' pages, and knows the client of each.

    With ``local`` the server listens on this machine alone, and answers to its local names only, so
    that no other name can be led to it (DNS rebinding); who asks may then see everything.
    """

    def __init__(self, app: ASGIApp, *, local: bool) -> None:
        self._app, self._local = app, local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket" and self._problem(Headers(scope=scope)):
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._problem(headers) if scope["method"] not in _SAFE else None
        problem = problem or self._wrong_host(headers)
        if scope["path"].rstrip("/").endswith(_UPLOAD):
            problem = "upload: must be a file of texts, in Add your data; got another."
        if problem:
            await PlainTextResponse(problem, status_code=403)(scope, receive, send)
            return
        client = Client(scope["client"][0] if scope.get("client") else "")
        browser = None if self._local else _token(headers)
        scope = {**scope, SCOPE: browser}
        known, asked = current_client.set(client), asking.set(browser)
        watcher = _Watcher(receive, client)
        try:
            await self._app(scope, watcher.receive, send)
        finally:
            watcher.close()
            current_client.reset(known)
            asking.reset(asked)

    def _problem(self, headers: Headers) -> str | None:
        """Return why a request that may change something is refused, or None."""
        origin = headers.get("origin")
        if headers.get("sec-fetch-site") == "cross-site":
            return "request: must come from a page of this app; got one of another site."
        if origin is None:  # no browser
            return None
        asked = headers.get("x-forwarded-host") or headers.get("host", "")
        if urlsplit(origin).netloc != asked:
            return f"request: must come from a page of this app; got one of {origin[:100]}."
        return None

    def _wrong_host(self, headers: Headers) -> str | None:
        host = urlsplit(f"//{headers.get('host', '')}").hostname
        if self._local and host not in _LOCAL:
            return f"host: must be a local name of this machine; got {str(host)[:100]}."
        return None


def _token(headers: Headers) -> str:
    """Return the token in the browser's cookie, "" where it has none."""
    token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return token if TOKEN.fullmatch(token) else ""


class _Watcher:
    """Passes a request's body on, then looks out for its client going away."""

    def __init__(self, receive: Receive, client: Client) -> None:
        self._receive, self._client = receive, client
        self._waiting: asyncio.Task[Message] | None = None

    async def receive(self) -> Message:
        if self._waiting is not None:
            return await asyncio.shield(self._waiting)
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._waiting = asyncio.ensure_future(self._until_gone())
        return message

    async def _until_gone(self) -> Message:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._client.gone = True
                return message

    def close(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            with suppress(asyncio.InvalidStateError, asyncio.CancelledError):
                self._waiting.exception()
