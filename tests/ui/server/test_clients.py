"""The door of the app: whose requests it answers, and what it knows of who asks."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from effexplorer.inference.service import current_client
from effexplorer.ui.server.clients import Clients


async def answer(request):
    await request.body()
    return PlainTextResponse(current_client.get().address)


def client(*, local=True, uploads=False, host="localhost"):
    routes = [
        Route("/run", answer, methods=["GET", "POST"]),
        Route("/gradio_api/upload", answer, methods=["POST"]),
    ]
    middleware = [Middleware(Clients, local=local, uploads=uploads)]
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


@pytest.mark.parametrize(("uploads", "status"), [(False, 403), (True, 200)])
def test_files_are_taken_only_where_that_is_allowed(uploads, status):
    assert client(uploads=uploads).post("/gradio_api/upload").status_code == status


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
        await Clients(app, local=True, uploads=False)(scope, receive, None)

    asyncio.run(ask())
    assert seen["gone"] and seen["client"].address == "1.2.3.4"
