"""The door of the app: whose requests it answers, and what it knows of who asks."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from effexplorer.inference.service import current_client
from effexplorer.ui.server.clients import Clients
from effexplorer.ui.shared.visibility import COOKIE, SCOPE, browser


async def answer(request):
    await request.body()
    return PlainTextResponse(current_client.get().address)


def client(*, local=True, host="localhost"):
    routes = [
        Route("/run", answer, methods=["GET", "POST"]),
        Route("/gradio_api/upload", answer, methods=["POST"]),
    ]
    middleware = [Middleware(Clients, local=local)]
    return TestClient(Starlette(routes=routes, middleware=middleware), base_url=f"http://{host}")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://evil.example", "content-type": "text/plain"},
    ],
)
def test_a_page_of_another_site_cannot_change_anything(headers):
    refused = client().post("/run", content="{}", headers=headers)
    assert refused.status_code == 403
    assert refused.text.startswith("request: must come from a page of this app; got one of")


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost"}])
def test_the_own_page_and_programs_are_answered(headers):
    assert client().post("/run", content="{}", headers=headers).text == "testclient"


def test_links_from_other_sites_open_the_app():
    assert client().get("/run", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_a_local_app_answers_to_local_names_only():
    assert client(host="evil.example").get("/run").status_code == 403
    assert client(host="evil.example", local=False).get("/run").status_code == 200


def test_a_proxy_s_own_name_is_the_origin_that_counts():
    headers = {"origin": "https://class.example", "x-forwarded-host": "class.example"}
    assert client(local=False).post("/run", headers=headers).status_code == 200


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/upload/"])
def test_gradio_s_own_way_for_any_file_is_closed(local, path):
    refused = client(local=local).post(path)
    assert (refused.status_code, refused.text[:23]) == (403, "upload: must be a file ")


@pytest.mark.parametrize(
    ("local", "cookie", "seen"),
    [
        (True, "", None),
        (True, f"{COOKIE}={'a' * 32}", None),
        (False, "", ""),
        (False, f"{COOKIE}={'a' * 32}", "a" * 32),
        (False, f"other=1; {COOKIE}={'a' * 32}", "a" * 32),
        (False, f"{COOKIE}={'a' * 33}", ""),
        (False, f"{COOKIE}=None", ""),
    ],
)
def test_a_browser_is_known_by_its_cookie_and_a_local_one_sees_everything(local, cookie, seen):
    async def who(request):
        return JSONResponse([browser(), request.scope[SCOPE]])

    middleware = [Middleware(Clients, local=local)]
    app = Starlette(routes=[Route("/who", who)], middleware=middleware)
    asked = TestClient(app, base_url="http://localhost")
    assert asked.get("/who", headers={"cookie": cookie}).json() == [seen, seen]


def test_a_client_that_goes_away_is_known_to_be_gone():
    seen = {}

    async def app(scope, receive, send):
        await receive()
        seen["client"] = current_client.get()
        await asyncio.sleep(0.05)
        seen["gone"] = seen["client"].gone

    async def ask():
        messages = [
            {"type": "http.request", "body": b"", "more_body": False},
            {"type": "http.disconnect"},
        ]

        async def receive():
            return messages.pop(0)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(b"host", b"localhost")],
            "client": ("1.2.3.4", 5),
        }
        await Clients(app, local=True)(scope, receive, None)

    asyncio.run(ask())
    assert seen["gone"] and seen["client"].address == "1.2.3.4"
