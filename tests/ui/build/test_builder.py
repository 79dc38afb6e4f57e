import json

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.models.catalog import CATALOG
from effexplorer.operators import OPERATORS
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.presets import GROUPS
from effexplorer.records.store import SHIPPED, Run
from effexplorer.tasks import known_data
from effexplorer.ui.build.builder import (
    builder_state,
    data_cautions,
    judgement,
    reach,
    read_pipeline,
)
from tests.builders import a_record
from tests.own_data import lines, own_task


def judged(typed="", *, runs=(), **changes):
    plan = Pipeline("minilm", "reviews", parse_steps(typed)).to_dict()
    return judgement(plan | changes, runs)


def test_the_state_is_plain_json_and_holds_every_operator_and_knob():
    state = json.loads(json.dumps(builder_state(), allow_nan=False))
    drawn = {one["name"]: [knob["name"] for knob in one["knobs"]] for one in state["operators"]}
    assert drawn == {name: [knob.name for knob in cls.knobs()] for name, cls in OPERATORS.items()}


def test_the_first_pipeline_can_be_built_without_a_hub():
    pipeline = Pipeline.from_dict(builder_state()["pipeline"])
    assert (pipeline.model, pipeline.task) == ("minilm", "reviews")
    assert not pipeline.problems()


def test_the_first_pipeline_takes_minutes_even_where_glue_is_at_hand(monkeypatch, tmp_path):
    monkeypatch.setenv("EFFEXPLORER_GLUE_DIR", str(tmp_path))
    assert builder_state()["pipeline"]["task"] == "reviews"


def test_a_legal_pipeline_is_told_its_text_and_key():
    told = judged("distill > quantize")
    pipeline = Pipeline("minilm", "reviews", parse_steps("distill > quantize"))
    assert (told["text"], told["key"]) == ("distill > quantize", pipeline.key)
    assert told["cards"] == [None, None]
    assert not told["problems"]


def test_an_illegal_step_is_told_on_its_own_card():
    none, sentence = judged("quantize > prune")["cards"]
    assert none is None
    assert sentence.startswith("prune: a step that trains must stand before")


@pytest.mark.parametrize(
    "step",
    [
        {"operator": "prune", "sparsity": "2"},
        {"operator": "prune", "sparsity": "NaN"},
        {"operator": "prune", "sparsity": None},
        {"operator": "melt"},
        {"operator": "prune", "colour": "red"},
        {},
        "prune",
        None,
    ],
)
def test_a_step_that_is_none_is_told_on_its_own_card(step):
    told = judged(steps=[{"operator": "distill"}, step])
    assert told["cards"][0] is None
    assert "must" in told["cards"][1]
    assert not told["key"]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "no-such-model"},
        {"task": "no-such-task"},
        {"model": None},
        {"seed": "many"},
        {"seed": -1},
        {"train_examples": 1},
        {"epochs": "inf"},
        {"steps": "prune"},
        {"steps": [{"operator": "prune"}] * (limits.MAX_STEPS + 1)},
        {"colour": "red"},
    ],
)
def test_whatever_else_is_wrong_is_a_sentence(change):
    told = judged(**change)
    assert told["problems"]
    assert all("must" in one for one in told["problems"])


@pytest.mark.parametrize("description", [None, [], "x", 3])
def test_what_is_no_description_is_a_sentence(description):
    assert judgement(description, [])["problems"]


def test_a_run_that_exists_can_be_loaded():
    record = a_record("prune")
    assert judgement(record.pipeline, [Run(record, SHIPPED)])["exists"]
    assert not judgement(record.pipeline, [])["exists"]


def test_a_legal_step_can_have_a_caution_and_an_illegal_one_has_none():
    told = judged("prune > distill(student=bert-tiny)")
    assert told["cautions"][0] is None
    assert told["cautions"][1].startswith("distill: bert-tiny starts from its own weights")
    assert judged("quantize > distill(student=bert-tiny)")["cautions"] == [None, None]


def test_a_browser_picks_a_student_from_the_list_alone(tiny_model_folder, monkeypatch):
    said = f"distill: student must be self or one of {', '.join(CATALOG)}; got "
    for student in (str(tiny_model_folder), "/etc", "hub:org/name", "tiny"):
        assert judged(f"distill(student={student})")["problems"][0].startswith(said)
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tiny_model_folder.parent))
    assert judged("distill(student=tiny)")["problems"] == []
    (knob,) = (
        knob
        for operator in builder_state()["operators"]
        for knob in operator["knobs"]
        if knob["name"] == "student"
    )
    assert knob["choices"] == ["self", *CATALOG, "tiny"]


def test_what_a_run_costs_is_told_and_follows_examples_and_epochs():
    told = judged("prune", train_examples=100, epochs="1")
    assert told["cost"] == "200 training rows"
    assert "no run of minilm on reviews is here" in told["basis"]
    assert judged("prune", train_examples=100, epochs="2")["cost"] == "400 training rows"
    assert judged("quantize > prune")["cost"] == ""


def test_a_preset_in_the_state_is_what_the_server_writes_of_it():
    drawn = [one for group in builder_state()["presets"] for one in group["presets"]]
    assert [one["name"] for one in drawn] == [
        preset.name for group in GROUPS for preset in group.presets
    ]
    for one in drawn:
        assert judged(steps=one["steps"])["text"] == one["text"]


def test_reach_names_every_model_and_task_of_the_form():
    state, reached = builder_state(), reach()
    assert [name for name, _ in state["models"]] == list(reached["models"])
    assert [name for name, _ in state["tasks"]] == list(reached["tasks"])
    assert reached["tasks"]["reviews"] is None


def test_a_task_of_ones_own_can_be_picked(tmp_path):
    own_task(tmp_path)
    assert builder_state()["tasks"][-1] == ["phones", "phones: your data, 2 classes"]
    assert reach()["tasks"]["phones"] is None


def test_what_is_odd_about_the_rows_is_told_before_a_run(tmp_path, monkeypatch):
    own_task(tmp_path, text="text,label\n" + lines(40) + "the same phone,positive\n" * 3)
    asked = Pipeline("minilm", "phones").to_dict()
    monkeypatch.setattr(known_data, "_known", {})
    assert "1 of 32 training rows repeat another one's text." in data_cautions(asked)
    assert data_cautions(asked | {"task": "reviews"}) == []
    assert data_cautions(asked | {"task": "sst2"}) == []  # its rows are not here
    monkeypatch.setattr(known_data, "load_task", None)
    assert data_cautions(asked | {"train_examples": 9})  # read once, whatever number is typed


def test_more_rows_than_a_task_of_ones_own_has_are_told_before_a_run(tmp_path):
    rows = own_task(tmp_path).spec.train_rows
    asked = Pipeline("minilm", "phones").to_dict()
    assert judgement(asked | {"train_examples": rows}, [])["problems"] == []
    (problem,) = judgement(asked | {"train_examples": rows + 1}, [])["problems"]
    assert problem.startswith(f"phones: train_examples must be between 1 and {rows}, ")


@pytest.mark.parametrize("model", ["{tiny}", "./tiny", "../models/tiny", "~", ["minilm"], None])
def test_a_browser_cannot_name_a_folder_of_the_server(model, tiny_model_folder, monkeypatch):
    monkeypatch.chdir(tiny_model_folder.parent)
    named = str(tiny_model_folder) if model == "{tiny}" else model
    with pytest.raises(UserError, match="model: must be one of minilm, "):
        read_pipeline({"model": named, "task": "reviews", "steps": []})


def test_a_browser_can_name_a_local_model(local_tiny_model):
    assert read_pipeline({"model": "tiny", "task": "reviews", "steps": []}).model == "tiny"


def test_a_legal_pipeline_is_told_what_single_operators_foretell():
    runs = [Run(a_record(one, task="reviews"), SHIPPED) for one in ("", "prune", "quantize")]
    told = judged("prune > quantize", runs=runs, train_examples=20_000)["prediction"]
    assert told["text"].startswith("88.8 %, ")  # 90.0 - 0.9 - 0.3
    assert judged("quantize > prune", runs=runs, train_examples=20_000)["prediction"] is None
    assert judged("prune", runs=runs)["prediction"] is None
