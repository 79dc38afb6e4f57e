"""What a browser is told when something goes wrong: the sentence of a UserError, or an id."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from effexplorer.error_report import bug_sentence
from effexplorer.errors import UserError


def sentence(error: Exception) -> str:
    """Return what people are told of ``error``; the traceback of a bug goes to the log.

    Half characters that were typed are replaced, because no answer could carry them.
    """
    text = str(error) if isinstance(error, UserError) else bug_sentence(error)
    return text.encode("utf-8", "replace").decode("utf-8")


@contextmanager
def _shown() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # one of the two places that show any error
        text = sentence(error)
        raise gr.Error(text, title="That did not work", print_exception=False) from error


def show_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a listener, a plain function or an async generator, show its errors as a toast."""
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def guarded_generator(*args: Any, **options: Any) -> AsyncIterator[Any]:
            with _shown():
                async for value in function(*args, **options):
                    yield value

        return guarded_generator

    @functools.wraps(function)
    def guarded(*args: Any, **options: Any) -> Any:
        with _shown():
            return function(*args, **options)

    return guarded


def return_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function that a panel's script calls, plain or async, tell ``{"error": sentence}``."""
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def guarded_coroutine(*args: Any) -> Any:
            try:
                return await function(*args)
            except Exception as error:  # one of the two places that show any error
                return {"error": sentence(error)}

        return guarded_coroutine

    @functools.wraps(function)
    def guarded(*args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:  # one of the two places that show any error
            return {"error": sentence(error)}

    return guarded
