"""A lesson on paper: its questions with room to write, and the answers on a page of their own."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from effexplorer.ui.lessons.panel import Lesson, Step, lessons

_PAGE = Path(__file__).with_name("worksheet.html")


def worksheet_routes() -> list[Route]:
    """Return the route of the worksheets, counted from 1."""

    def read(request: Request) -> Response:
        number = request.path_params["number"]
        if not 1 <= number <= len(lessons()):
            return PlainTextResponse(f"There are lessons 1 to {len(lessons())}.", status_code=404)
        return HTMLResponse(worksheet(number, lessons()[number - 1]))

    return [Route("/lessons/{number:int}", read)]


def _quoted(step: Step) -> str:
    """Return the sentence that a step is about, if it is about one."""
    text = step["show"].get("text", "")
    return f"<blockquote>{escape(text)}</blockquote>" if text else ""


def worksheet(number: int, lesson: Lesson) -> str:
    """Return the page of ``lesson``, which is the one with this number, as HTML to print."""
    steps = enumerate(lesson["steps"], 1)
    questions = "".join(
        f"<li><p>{escape(step['say'])}</p>{_quoted(step)}<p><strong>{escape(step['ask'])}</strong></p>"
        f'<div class="room" aria-label="Room for answer {place}"></div></li>'
        for place, step in steps
    )
    answers = "".join(f"<li>{escape(step['answer'])}</li>" for step in lesson["steps"])
    page = _PAGE.read_text("utf-8")
    for name, text in (
        ("title", f"{number}. {escape(lesson['title'])}"),
        ("questions", questions),
        ("answers", answers),
    ):
        page = page.replace(f"<!-- {name} -->", text)
    return page
