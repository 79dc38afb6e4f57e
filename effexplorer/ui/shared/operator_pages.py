"""The operators' pages of the docs, served beside the app: equation, cost, when it helps."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from effexplorer.operators import OPERATORS, Operator

_ROOT = Path(__file__).parents[3]


def page_address(operator: type[Operator]) -> str | None:
    """Return the page's address below the app's, or None in an installation without the docs."""
    return operator.page() if (_ROOT / operator.page()).is_file() else None


def page_routes() -> list[Route]:
    """Return the route of the pages, which are Markdown; of other names there is none."""

    def read(request: Request) -> Response:
        operator = OPERATORS.get(request.path_params["name"])
        if operator is None or page_address(operator) is None:
            return PlainTextResponse("There is no such operator here.", status_code=404)
        return PlainTextResponse((_ROOT / operator.page()).read_text("utf-8"))

    return [Route("/docs/operators/{name}.md", read)]
