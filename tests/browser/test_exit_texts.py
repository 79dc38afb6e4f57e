"""What people may send to the Early exit tab, as raw requests to the running app."""

import json
import urllib.request

import pytest

from tests.exit_runs import save_exit_run

WAIT_SECONDS = 120  # torch and the engine are loaded with the first model
TEXTS = {
    "half a character": r'"\ud800 good"',
    "halves alone": r'"\udfff\ud800"',
    "NUL": r'"a good\u0000 film"',
    "NUL alone": r'"\u0000"',
    "50,000 letters": json.dumps("a" * 50_000),
    "50,001 letters": json.dumps("a" * 50_001),
    "10,000 words": json.dumps("good " * 10_000),
    "spaces": r'" \t\n\u2003"',
    "empty": '""',
    "right to left": r'"\u05e9\u05dc\u05d5\u05dd \u202egood"',
    "combining marks": json.dumps("e" + "\u0301" * 5_000),
    "emoji": r'"\ud83d\ude00\u200d\ud83d\ude00"',
    "markup": '"<script>alert(1)</script>"',
    "template": '"{{7*7}} ${7*7} {% raw %} #{7*7}"',
    "special words": '"[SEP] [CLS] [PAD]"',
    "a pair": '["a", "b"]',
    "a number": "3",
    "infinity": "1e400",
    "nothing": "null",
    "an object": '{"a": 1}',
    "a list in a list": '[["a"]]',
}
QUESTIONS = {
    "half a name": r'{"model": "\ud800", "texts": ["a"]}',
    "half a list": r'{"model": "x", "texts": "\ud800"}',
    "a path": '{"model": "../../etc", "texts": ["a"]}',
    "markup": '{"model": "<b>{{7*7}}</b>", "texts": ["a"]}',
    "half a question": r'"\ud800"',
    "no model": '{"texts": ["a"]}',
    "51 lines": json.dumps({"model": "x", "texts": ["a"] * 51}),
    "nothing": "null",
}


@pytest.fixture(scope="module")
def film_model(app, tiny_model_folder):
    """Return the name of a model in the app that reads sentences."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EFFEXPLORER_HOME", str(app.home))
        return save_exit_run(tiny_model_folder, task="cola").id


@pytest.fixture
def post(app):
    """Return a function that calls the tab with raw JSON; no traceback may have been written."""
    with urllib.request.urlopen(f"{app.url}config") as answer:  # noqa: S310
        parts = json.load(answer)["components"]
    panel = next(part["id"] for part in parts if part["props"].get("elem_id") == "exits")
    logs = [app.home / name for name in ("app.log", "errors.log")]
    before = [text_of(log) for log in logs]

    def posted(name, data):
        fields = f'"component_id": {panel}, "fn_name": "{name}", "session_hash": "raw"'
        request = urllib.request.Request(  # noqa: S310
            f"{app.url}gradio_api/component_server",
            f'{{"data": {data}, {fields}}}'.encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)

    yield posted
    for log, told in zip(logs, before, strict=True):
        assert "Traceback" not in text_of(log).removeprefix(told)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_is_answered_or_refused_in_a_sentence(post, film_model, text):
    told = post("ask", f'{{"model": "{film_model}", "texts": [{text}, "a good film"]}}')
    odd, plain = told["rows"]
    assert len(plain["milliseconds"]) == 4
    if "problem" in odd:
        assert is_a_sentence(odd["problem"])
    else:
        assert len(odd["probabilities"]) == 4
        assert odd["truncated"] == (odd["tokens"] >= 128)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_any_question_is_refused_in_a_sentence(post, question):
    assert is_a_sentence(post("ask", question)["error"])


@pytest.mark.parametrize(
    "name", [r'"\ud800"', r'["\ud800"]', r'"a\u0000"', "null", '""', '"{{7*7}}"']
)
def test_any_name_is_refused_in_a_sentence(post, name):
    assert is_a_sentence(post("model", name)["error"])


def text_of(log):
    return log.read_text("utf-8") if log.exists() else ""


def is_a_sentence(text):
    """Tell whether it is one line with subject and rule, not the id of a bug."""
    one_line = text.endswith(".") and "\n" not in text
    return one_line and ": must " in text and "errors.log" not in text
