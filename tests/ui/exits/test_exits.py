"""What the Early exit tab sends: models, tables, and answers from one service."""

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.examples import kind_of
from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.inference.model import load_exits
from effexplorer.inference.saved_models import saved_models
from effexplorer.inference.service import ExitService
from effexplorer.operators import OPERATORS
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import open_store
from effexplorer.tasks.spec import TASKS
from effexplorer.ui.exits.examples import EXAMPLES
from effexplorer.ui.exits.exits import open_model, read_question, suggested
from effexplorer.ui.exits.model_choice import OfferList, described, offers, packed
from effexplorer.ui.shared.errors import return_errors
from tests.exit_runs import made_table, save_exit_run

ROOT = Path(__file__).parents[3]


def answer(text, **changes):
    fields = {
        "labels": ("negative", "positive"),
        "probabilities": ((0.6, 0.4), (0.1, 0.9)),
        "milliseconds": (1.0, 2.0),
        "macs": (10.0, 20.0),
        "tokens": len(text),
        "truncated": False,
        "unknown": 0,
    }
    return SimpleNamespace(**fields | changes)


def a_model(text, *, policy, all_exits):
    if not text.strip():
        raise UserError("sentence: must have a word; got nothing but space.")
    return answer(text)


def asked(service, *questions):
    async def together():
        return await asyncio.gather(*(service.answer(*question) for question in questions))

    return asyncio.run(together())


def test_a_text_gets_what_every_exit_says_of_it():
    [[row]] = asked(ExitService(lambda name: a_model), ("one", ["hello"]))
    assert row["probabilities"] == [[0.6, 0.4], [0.1, 0.9]]
    assert row["milliseconds"] == [1.0, 2.0]
    json.dumps(row, allow_nan=False)


def test_a_text_that_cannot_be_answered_does_not_stop_the_others():
    [rows] = asked(ExitService(lambda name: a_model), ("one", ["a", " ", "ccc"]))
    assert [row.get("tokens") for row in rows] == [1, None, 3]
    assert rows[1]["problem"].startswith("sentence: must have a word")


def test_a_model_is_opened_once_however_many_ask():
    opened = []
    service = ExitService(lambda name: opened.append(name) or a_model)
    asked(service, *[("one", ["hello"])] * 10, ("two", []))
    assert sorted(opened) == ["one", "two"]


def test_a_short_question_does_not_wait_for_all_of_a_long_one():
    order = []

    def note(text, **options):
        order.append(text)
        return answer(text)

    asked(ExitService(lambda name: note), ("one", ["long"] * 20), ("one", ["short"]))
    assert order.index("short") < 5


def test_the_models_that_were_not_asked_for_longest_are_closed():
    opened = []
    service = ExitService(lambda name: opened.append(name) or a_model)
    names = [str(index) for index in range(limits.MAX_OPEN_MODELS + 1)]
    for name in [*names, names[-1], names[0]]:
        asked(service, (name, []))
    assert opened == [*names, names[0]]


def test_too_many_waiting_are_told_so(monkeypatch):
    monkeypatch.setattr(limits, "MAX_WAITING_TEXTS", 2)
    service = ExitService(lambda name: a_model)
    with pytest.raises(UserError, match="at most 2 people"):
        asked(service, *[("one", ["hello"])] * 3)
    assert asked(service, ("one", ["hello"]))


def test_a_model_that_cannot_be_opened_is_told_and_asked_for_again():
    def refuse(name):
        raise UserError("model: must be one.")

    service = ExitService(refuse)
    for _ in range(2):
        with pytest.raises(UserError, match="must be one"):
            asked(service, ("one", ["hello"]))


@pytest.mark.parametrize(
    "question",
    [None, [], "x", {}, {"model": 3, "texts": []}, {"model": "m"}, {"model": "m", "texts": "x"}],
)
def test_a_question_that_is_none_is_refused_in_a_sentence(question):
    with pytest.raises(UserError):
        read_question(question)


def test_more_lines_than_can_be_read_are_refused():
    assert read_question({"model": "m", "texts": ["a", ["b", "c"]]}) == ("m", ["a", ("b", "c")])
    with pytest.raises(UserError, match="at most 50 lines; got 51"):
        read_question({"model": "m", "texts": ["a"] * 51})


def test_a_folder_is_no_model_for_a_browser(tmp_path):
    with pytest.raises(UserError, match="must be one that is kept here"):
        open_model(str(tmp_path))


def test_a_guarded_coroutine_tells_its_error():
    @return_errors
    async def fails():
        raise UserError("subject: rule; got value.")

    assert asyncio.run(fails()) == {"error": "subject: rule; got value."}


@pytest.mark.parametrize(
    "text",
    [
        "a" * 50_000,
        "a" * 50_001,
        "😀" * 300,
        "שלום עולם",
        "e\u0301\u0302\u0303",
        "\ud800 a",
        "a\0b",
        " \t",
        "<script>alert(1)</script>",
        "${1 + 1} {{value}}",
        "[SEP] [CLS]",
    ],
    ids=range(11),
)
def test_any_text_is_answered_or_refused_in_a_sentence(text, tiny_model_folder):
    record = save_exit_run(tiny_model_folder)
    [[row]] = asked(ExitService(open_model), (record.id, [text]))
    if "problem" in row:
        assert row["problem"].startswith("sentence: must have") and row["problem"].endswith(".")
    else:
        assert len(row["milliseconds"]) == 4
        assert row["truncated"] == (row["tokens"] >= 128)


def test_a_run_with_exits_is_offered_with_its_table(tiny_model_folder):
    record = save_exit_run(tiny_model_folder)
    told = described(OfferList(open_store()).find(record.id))
    assert told["answers"] and told["layers"] == [1, 2, 3, 4]
    assert told["table"]["examples"] == 240
    assert told["table"]["threshold"] == 0.83
    json.dumps(told, allow_nan=False)


def test_a_run_whose_model_is_gone_still_shows_its_table(tiny_model_folder):
    record = save_exit_run(tiny_model_folder, model=False)
    told = described(OfferList(open_store()).find(record.id))
    assert not told["answers"]
    assert told["table"]["examples"] == 240


def test_a_shipped_run_with_a_shipped_model_is_offered_once():
    shipped = offers(open_store())
    joined = [one for one in shipped if one.answers]
    assert {one.name for one in joined} == {model.name for model in saved_models()}
    for one in joined:
        assert OfferList(open_store()).find(one.run).name == one.name
    assert len({one.run for one in shipped}) == len(shipped)


def test_shipped_models_of_one_text_come_first_and_that_of_most_rows_first_of_all():
    shipped = [
        offer for offer in offers(open_store()) if offer.answers and offer.source == "shipped"
    ]
    rows = {run.record.id: run.record.data["train_examples"] for run in open_store().runs()}
    places = [(len(one.spec.text), -rows[one.run]) for one in shipped]
    assert len(places) > 2 and places == sorted(places)
    assert shipped[0].name == "sentiment"


def test_every_task_scored_by_f1_has_two_classes_as_the_browser_takes_it():
    scored = [spec for spec in TASKS.values() if spec.metrics[0] == "f1"]
    assert scored and {len(spec.labels) for spec in scored} == {2}


def test_a_model_that_is_not_there_is_told():
    assert offers(open_store()) == [
        offer for offer in offers(open_store()) if offer.source == "shipped"
    ]
    with pytest.raises(UserError, match="must be one of those with exits; got nothere"):
        OfferList(open_store()).find("nothere")


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_the_packed_table_holds_the_table(outputs):
    table = made_table(outputs=outputs)
    told = packed(table)
    unpack = lambda name, kind: np.frombuffer(base64.b64decode(told[name]), dtype=kind)  # noqa: E731
    assert (unpack("logits", "<f2").reshape(table.logits.shape) == table.logits).all()
    assert (np.array(told["macs"])[unpack("cost", "<u4")] == table.macs).all()
    assert np.allclose(unpack("labels", "<f4"), table.labels)
    assert (np.array(told["tags"])[unpack("tag", "<u4")] == table.tags).all()


def test_a_table_of_sst2s_size_is_sent_in_less_than_fifty_kilobytes():
    assert len(json.dumps(packed(made_table(872, 6)))) < 50_000


@pytest.mark.parametrize("task", EXAMPLES)
def test_examples_fit_their_task(task):
    spec = TASKS[task]
    for example in EXAMPLES[task]:
        assert len(example.texts) == len(spec.text)
        assert example.answer in spec.labels or (
            spec.regression and 0 <= float(example.answer) <= 5
        )
    assert {example.hard for example in EXAMPLES[task]} == {True, False}


@pytest.mark.parametrize("name", ["sst2", "sentiment"])
def test_easy_examples_leave_at_the_first_exit_and_depth_mends_hard_ones(name):
    model = load_exits(name)
    texts = [example.texts[0] for example in EXAMPLES[name]]
    answers, whole = model(texts), model(texts, threshold=None)
    for example, answer, full in zip(EXAMPLES[name], answers, whole, strict=True):
        kind = kind_of(answer, full, example.answer)
        assert kind == ("hard" if example.hard else "easy"), example


def test_the_suggested_pipeline_can_run():
    plan = Pipeline.from_dict(suggested())
    assert [step.name for step in plan.steps] == ["exit", "quantize"]
    assert {"exit", "quantize"} <= set(OPERATORS)


def test_listing_the_models_loads_no_torch(tiny_model_folder, own_home):
    save_exit_run(tiny_model_folder)
    code = "import sys; from effexplorer.records.store import open_store; "
    code += "from effexplorer.ui.exits.model_choice import described, offers; "
    code += "told = [described(one) for one in offers(open_store())]; "
    code += "print(len(told), 'torch' in sys.modules)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[1] == "False"
