import io
import json
import sys

import pytest

from effexplorer import home
from tests.inference.builders import saved_exits

ASK = ("exits", "--model", "films", "--engine", "torch")


@pytest.fixture(autouse=True)
def films(data_folder):
    """Ship a model called ``films``, and one on pairs called ``copies``."""
    saved_exits(home.precomputed_folder() / "models" / "films")
    saved_exits(home.precomputed_folder() / "models" / "copies", task="mrpc", seed=1)


def rows(command, *arguments):
    code, out, err = command(*ASK, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_text_is_answered_in_a_table(command):
    code, out, err = command(*ASK, "--text", "good bad")
    heading, line = out.splitlines()
    assert (code, err) == (0, "")
    assert heading.split()[:4] == ["layer", "answer", "surest", "readiness"]
    assert line.endswith("good bad") and " %" in line and " ms" in line


def test_each_text_has_its_line_in_their_order(command):
    answers = rows(command, "--text", "good film", "--text", "bad", "--threshold", "0.9")
    assert [answer["text"] for answer in answers] == ["good film", "bad"]
    fields = {"label", "exit", "layer", "probabilities", "readiness", "macs_spent", "macs_full"}
    fields |= {"milliseconds", "tokens", "truncated", "unknown", "calibrated"}
    assert fields <= set(answers[0])


def test_words_that_the_model_does_not_know_are_told(command):
    code, _, err = command(*ASK, "--text", "good 🙂", "--text", "bad 🙂")
    assert code == 0
    assert err == "Not in the model's vocabulary, and read as unknown: 2 words.\n"


def test_thresholds_move_where_a_text_leaves(command):
    assert rows(command, "--text", "good film", "--threshold", "0")[0]["layer"] == 1
    assert rows(command, "--text", "good film", "--threshold", "1,0,1")[0]["layer"] == 2
    assert rows(command, "--text", "good film", "--policy", "full")[0]["layer"] == 3


def test_all_exits_are_shown_and_the_one_taken_is_marked(command):
    arguments = ("--text", "good film", "--threshold", "1,0,1", "--all-exits")
    layers = [line.split()[:2] for line in command(*ASK, *arguments)[1].splitlines()[1:]]
    assert [layer[0] for layer in layers] == ["1", "2", "3"]
    assert [layer[1] == "*" for layer in layers] == [False, True, False]


def test_texts_are_read_from_the_lines_of_a_file(command, tmp_path):
    (tmp_path / "texts.txt").write_text("good film\n\nbad\n", "utf-8")
    answers = rows(command, "--file", str(tmp_path / "texts.txt"))
    assert [answer["text"] for answer in answers] == ["good film", "bad"]


def test_pairs_are_two_texts_or_parted_by_a_tab(command, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(b"good film\tbad\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    ask = ("exits", "--model", "copies", "--engine", "torch", "--json")
    answers = json.loads(command(*ask, "--text", "good", "bad", "--file", "-")[1])
    assert [answer["text"] for answer in answers] == [["good", "bad"], ["good film", "bad"]]


def test_a_cut_text_is_told(command):
    code, out, err = command(*ASK, "--text", "good " * 100)
    assert code == 0 and "(cut)" in out
    assert err == "Cut at 48 word pieces, which is all that the model reads: 1 text.\n"


@pytest.mark.parametrize("text", ["\x1b[31mgood", "good\nbad", "\u202egood", "good \udcff"])
def test_a_text_cannot_move_the_cursor(command, text):
    code, out, _ = command(*ASK, "--text", text)
    assert code == 0 and out.count("\n") == 2
    assert out.replace("\n", "").isprintable()


def test_without_a_model_those_that_there_are_are_listed(command):
    assert [line.split()[0] for line in command("exits")[1].splitlines()[1:]] == ["copies", "films"]
    listed = json.loads(command("exits", "--json")[1])
    assert listed[1] == {"name": "films", "task": "sst2", "layers": [1, 2, 3], "source": "shipped"}


def test_that_there_are_no_models_is_told(command, monkeypatch, tmp_path):
    monkeypatch.setattr(home, "precomputed_folder", lambda: tmp_path / "nothing")
    code, out, err = command("exits")
    assert (code, out) == (0, "") and "No models with exits yet" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "text: must be given, with --text or --file; got none."),
        (["--text", " "], "sentence: must have a word; got nothing but space."),
        (["--text", "good", "bad"], "text: must be one text; got 2 texts."),
        (["--text", "x" * 50_001], "sentence: must have at most 50000 characters; got 50001."),
        (["--text", "good", "--threshold", "high"], "threshold: must be numbers with commas"),
        (["--text", "good", "--threshold", "90"], "confidence: threshold must be between 0 and 1"),
        (["--text", "good", "--policy", "fly"], "policy: must be one of"),
        (["--text", "good", "--policy", "entropy"], "threshold: must be given for the policy"),
        (["--text", "good", "--engine", "fly"], "engine: must be one of onnx, torch; got fly."),
        (["--text", "good", "--model", "fly"], "model: must be a folder, or one of the models"),
        (["--file", "no/such/file"], "file: must be readable text in UTF-8; got no/such/file"),
        (["--file", "a\x00b"], "file: must be readable text in UTF-8; got"),
    ],
)
def test_bad_input_is_told_in_one_sentence(command, arguments, sentence):
    code, out, err = command(*ASK, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(sentence) and err.count("\n") == 1


def test_a_file_that_is_not_text_is_refused(command, tmp_path):
    (tmp_path / "texts.txt").write_bytes(b"\xff\xfe\x00")
    assert command(*ASK, "--file", str(tmp_path / "texts.txt"))[0] == 2
