import asyncio
import re

import gradio as gr
import pytest

from effexplorer.errors import UserError
from effexplorer.ui.shared.errors import return_errors, show_errors


def refuse(value):
    raise UserError("prune: must be small; got big.")


def stumble(value):
    raise KeyError("a secret")


def test_a_listener_shows_a_user_s_error_whole():
    with pytest.raises(gr.Error, match="prune: must be small; got big"):
        show_errors(refuse)(1)


def test_a_listener_tells_of_a_bug_without_its_details():
    with pytest.raises(gr.Error) as caught:
        show_errors(stumble)(1)
    assert "secret" not in str(caught.value)


def test_a_panel_s_call_is_answered_with_the_sentence():
    assert return_errors(refuse)(1) == {"error": "prune: must be small; got big."}


def test_a_bug_is_logged_under_the_id_that_is_told(own_home):
    text = return_errors(stumble)(1)["error"]
    logged = (own_home / "errors.log").read_text("utf-8")
    assert "secret" not in text
    assert "KeyError" in logged
    (id,) = re.fullmatch(r"Internal error (\w{8}); details are in errors\.log\.", text).groups()
    assert f"error {id}\n" in logged


def test_a_watching_listener_shows_its_errors_too():
    async def stumbling():
        yield 1
        raise UserError("prune: must be small; got big.")

    async def collect():
        return [value async for value in show_errors(stumbling)()]

    with pytest.raises(gr.Error, match="must be small"):
        asyncio.run(collect())


def test_half_a_character_that_was_typed_can_be_told():
    def repeat(value):
        raise UserError(f"model: must be there; got {value}.")

    assert return_errors(repeat)("\ud800") == {"error": "model: must be there; got ?."}


def test_a_bug_that_names_half_a_character_is_logged(own_home):
    def fail(value):
        raise KeyError(value)

    assert "errors.log" in return_errors(fail)("\ud800")["error"]
    assert r"\ud800" in (own_home / "errors.log").read_text("utf-8")
