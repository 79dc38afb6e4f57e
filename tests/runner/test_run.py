"""The runner on a tiny real run: every step measured, prefixes reused, the same every time."""

import collections
import dataclasses
import json
import shutil

import numpy as np
import pytest

from effexplorer import home, limits, runner
from effexplorer.analysis.groups import setting
from effexplorer.errors import Cancelled, UserError
from effexplorer.inference.model import load_exits
from effexplorer.operators import OPERATORS
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.answers import answers, read_answers
from effexplorer.records.files import read_record
from effexplorer.records.schema import ANSWERS, SCHEMA
from effexplorer.runner.run import training_rows
from effexplorer.tasks.data import load_task

pytestmark = pytest.mark.usefixtures("local_tiny_model")
CLOCK = ("seconds", "latency_ms", "latency_p95_ms", "kernel_ratio", "reused")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Measure coarsely, and leave the test process's memory allocator alone."""
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)


@pytest.fixture
def applied(monkeypatch):
    """Count the steps that are really applied, and the trainings."""
    count = collections.Counter()
    for name, cls in OPERATORS.items():
        monkeypatch.setattr(cls, "apply", counted(count, name, cls.apply))
    import effexplorer.operators.finetune as finetune

    monkeypatch.setattr(finetune, "train", counted(count, "train", finetune.train))
    return count


def counted(count, name, function):
    def wrapper(*args, **kwargs):
        count[name] += 1
        return function(*args, **kwargs)

    return wrapper


def pipeline(steps: str = "", **changes) -> Pipeline:
    fields = {"seed": 0, "train_examples": 40, "epochs": 0.5} | changes
    return Pipeline("tiny", "reviews", parse_steps(steps), **fields)


def run(steps: str = "", folder=None, report=lambda event: None, **changes):
    return runner.run(pipeline(steps, **changes), runs_folder=folder, report=report)


def timeless(record) -> list[dict]:
    stages = [dataclasses.asdict(stage) for stage in record.stages]
    for stage in stages:
        stage["operating"].pop("latency_ms", None)
    return [{name: one[name] for name in one if name not in CLOCK} for one in stages]


def test_a_run_is_measured_after_every_step_and_recorded(tmp_path):
    record = run("distill(layers=2) > prune > quantize", tmp_path)
    assert read_record(tmp_path / f"{record.id}.json") == record
    assert [stage.letter for stage in record.stages] == ["", "D", "P", "Q"]
    assert [stage.layers for stage in record.stages] == [4, 2, 2, 2]
    sizes = [stage.bytes for stage in record.stages]
    assert sizes == sorted(set(sizes), reverse=True)
    assert record.stages[2].nonzero < record.stages[1].nonzero
    assert record.schema == SCHEMA and record.id == pipeline(record.steps).key
    assert record.pipeline == pipeline(record.steps).to_dict()
    assert record.score_name == "accuracy"
    assert record.data["train_examples"] == 40 and len(record.data["fingerprint"]) == 16
    assert record.data["source"] == "bundled with effexplorer"
    assert record.weights["source"] == "folder tiny" and len(record.weights["sha256"]) == 64
    assert record.versions["torch"] and record.machine["cores"] >= 1
    assert not any(stage.reused for stage in record.stages)


def test_every_stage_leaves_its_answers_whose_score_is_the_recorded_one(tmp_path):
    record = run("prune > exit > quantize", tmp_path)
    labels = load_task("reviews").validation.labels
    for stage, measured in enumerate(record.stages):
        said = answers(record, stage, tmp_path)
        assert said.labels.tolist() == labels
        assert 100 * np.mean(said.values == said.labels) == pytest.approx(measured.score, abs=0.5)
    assert len(read_answers(tmp_path / f"{record.id}{ANSWERS}")) == 3  # the table has the last


def test_a_run_from_the_cache_has_the_same_answers(tmp_path):
    first, again = run("prune", tmp_path / "a"), run("prune", tmp_path / "b")
    said = [answers(first, 1, tmp_path / at).probabilities for at in ("a", "b")]
    assert again.final.reused and np.array_equal(*said)


def test_the_record_counts_sentences_and_phrases_where_rows_are_both():
    data = load_task("reviews", train_examples=40)
    assert training_rows(data) == {"train_examples": 40}
    both = dataclasses.replace(data, sentences=30)
    assert training_rows(both) == {
        "train_examples": 40,
        "train_sentences": 30,
        "train_phrases": 10,
    }


def test_the_record_says_how_the_processor_computes():
    found = run().machine
    assert found["instruction_set"] and found["bf16"] in (True, False)


@pytest.mark.parametrize("length", [12, 200])
def test_a_run_and_its_model_cut_texts_where_the_run_says(length):
    notes = []
    made = run("exit > trim", report=notes.append, max_length=length)
    assert made.data["max_length"] == made.pipeline["max_length"] == length
    cut = made.data["cut_validation_examples"]
    assert (cut > 0) == (length == 12)
    assert any("Cut at 12 word pieces: " in event.get("text", "") for event in notes) == bool(cut)
    (answer,) = load_exits(made.id)(["good " * 300], threshold=1.0)
    assert answer.tokens == length
    assert setting(made) != setting(run("exit > trim"))


def test_records_go_to_the_users_folder_unless_told_otherwise():
    assert (home.runs_folder() / f"{run().id}.json").is_file()


def test_a_prefix_of_a_finished_run_costs_no_training(applied):
    long = run("distill(layers=2) > prune > quantize")
    assert applied == {"train": 3, "distill": 1, "prune": 1, "quantize": 1}
    applied.clear()
    short = run("distill(layers=2) > prune")
    assert not applied
    assert all(stage.reused for stage in short.stages)
    assert timeless(short) == timeless(long)[:3]


def test_an_explored_run_is_measured_on_held_out_rows_and_stands_beside_the_confirmed_one(tmp_path):
    explored = runner.run(pipeline("prune"), runs_folder=tmp_path, explored=True)
    confirmed = run("prune", tmp_path)
    assert explored.explored and not confirmed.explored and explored.id != confirmed.id
    assert read_record(tmp_path / f"{explored.id}.json") == explored
    held_out, validation = (
        record.final.score * rows / 100
        for record, rows in (
            (explored, explored.data["held_out_examples"]),
            (confirmed, confirmed.data["validation_examples"]),
        )
    )
    assert held_out == pytest.approx(round(held_out)) and validation == pytest.approx(
        round(validation)
    )


@pytest.mark.parametrize("explored_first", [True, False])
def test_a_stage_measured_on_the_other_rows_is_measured_again_and_not_trained_again(
    applied, tmp_path, explored_first
):
    steps = pipeline("trim > prune > quantize")
    runner.run(steps, explored=explored_first)
    applied.clear()
    again = runner.run(steps, explored=not explored_first)
    assert not applied and all(stage.reused for stage in again.stages)
    shutil.rmtree(home.stages_folder())
    alone = runner.run(steps, runs_folder=tmp_path / "alone", explored=not explored_first)
    assert timeless(again) == timeless(alone)


def test_two_runs_that_begin_alike_share_their_beginning(applied):
    run("distill(layers=2) > quantize")
    applied.clear()
    record = run("distill(layers=2) > prune")
    assert applied == {"train": 1, "prune": 1}
    assert [stage.reused for stage in record.stages] == [True, True, False]


@pytest.mark.parametrize("changes", [{"seed": 1}, {"train_examples": 41}, {"epochs": 0.6}], ids=str)
def test_another_seed_or_other_data_shares_nothing(applied, changes):
    run("quantize")
    applied.clear()
    run("quantize", **changes)
    assert applied == {"train": 1, "quantize": 1}


@pytest.mark.parametrize(
    "steps",
    [
        "prune(sparsity=0.5) > distill(layers=2) > quantize",
        "quantize(mode=aware) > prune(sparsity=0.8) > distill(layers=1)",
    ],
)
def test_a_resumed_run_equals_a_straight_one(tmp_path, steps):
    straight = run(steps)
    weights = file_of(straight)
    for resumed_at in (1, 2):
        shutil.rmtree(home.stages_folder())
        run(str(pipeline(steps).prefix(resumed_at)))
        resumed = run(steps, tmp_path / f"resumed at {resumed_at}")
        assert [stage.reused for stage in resumed.stages].count(True) == resumed_at + 1
        assert timeless(resumed) == timeless(straight)
        assert file_of(resumed) == weights


def file_of(record) -> bytes:
    """Return the weight file of the run's last stage."""
    found = [
        path.parent
        for path in home.stages_folder().glob("*/stages.json")
        if len(json.loads(path.read_text("utf-8"))) == len(record.stages)
    ]
    return (found[0] / "model.safetensors").read_bytes()


def test_a_damaged_stage_is_made_again(applied):
    first = run("quantize")
    for path in home.stages_folder().glob("*/model.safetensors"):
        path.write_bytes(b"")
    applied.clear()
    again = run("prune")
    assert applied["train"] == 2 and timeless(again)[0] == timeless(first)[0]
    applied.clear()
    run("distill(layers=2)")
    assert applied == {"train": 1, "distill": 1}


def test_another_seed_gives_another_model():
    run()
    run(seed=1)
    files = [path.read_bytes() for path in home.stages_folder().glob("*/model.safetensors")]
    assert len(files) == 2 and files[0] != files[1]


def test_events_come_in_the_order_that_watchers_expect():
    events = []
    record = run("prune > quantize", report=events.append)
    events = json.loads(json.dumps(events))
    assert events[0] == {
        "kind": "plan",
        "stages": [
            {"step": "dense", "sentences": 32},
            {"step": "prune", "sentences": 32},
            {"step": "quantize", "sentences": 0},
        ],
    }
    order = [(event["kind"], event["index"]) for event in events[1:]]
    plain = [one for at, one in enumerate(order) if at == 0 or order[at - 1] != one]
    assert plain == [
        *((kind, 0) for kind in ("stage", "progress", "measured")),
        *((kind, 1) for kind in ("stage", "progress", "measured")),
        *((kind, 2) for kind in ("stage", "measured")),
    ]
    progress = [event for event in events if event["kind"] == "progress"]
    assert all(0 < event["done"] <= event["total"] and event["loss"] > 0 for event in progress)
    measured = [event["stage"] for event in events if event["kind"] == "measured"]
    assert measured == json.loads(record.to_json())["stages"]


def test_reused_stages_are_told_as_measured():
    run("quantize")
    events = []
    run("prune", report=events.append)
    assert [event["kind"] for event in events[:3]] == ["plan", "measured", "stage"]
    assert events[1]["index"] == 0 and events[1]["stage"]["reused"] is True


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (pipeline("quantize > prune"), "a step that trains must stand before"),
        (pipeline("distill(layers=9)"), "layers must be less than the 4 layers"),
        (dataclasses.replace(pipeline(), task="chess"), "task: must be one of"),
        (dataclasses.replace(pipeline(), task="sst2"), "sst2: data must be on this machine"),
        (dataclasses.replace(pipeline(), model="bert-tiny"), "bert-tiny: weights must be on this"),
        (pipeline(train_examples=1_000_000), "train_examples must be between 1 and"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_a_run_that_cannot_be_is_refused_before_any_work(monkeypatch, applied, bad, said):
    monkeypatch.setattr("effexplorer.hub.reachable", lambda: False)
    events = []
    with pytest.raises(UserError, match=said):
        runner.run(bad, report=events.append)
    assert not applied and not events and not home.stages_folder().exists()
    assert not list(home.home().rglob("*.json"))


def test_an_unknown_model_is_told_by_the_check():
    found = runner.check(Pipeline("nobody", "reviews"))
    assert len(found) == 1 and found[0].startswith("model: must be one of")


def test_a_pipeline_that_can_run_has_no_problem():
    assert runner.check(pipeline("distill(layers=2) > prune > quantize")) == []


@pytest.mark.parametrize("after", ["plan", "stage", "progress", "measured"])
def test_a_cancelled_run_leaves_no_record(after):
    seen = []

    def report(event):
        seen.append(event["kind"])

    with pytest.raises(Cancelled):
        runner.run(pipeline("prune"), report=report, cancelled=lambda: after in seen)
    assert not list(home.runs_folder().glob("*"))


def test_a_cancelled_run_keeps_its_finished_stages(applied):
    seen = []
    asked = {"kind": "stage", "index": 1, "step": "prune"}
    with pytest.raises(Cancelled):
        runner.run(pipeline("prune"), report=seen.append, cancelled=lambda: asked in seen)
    applied.clear()
    run("prune")
    assert applied == {"train": 1, "prune": 1}


def test_what_stands_beside_a_record_is_never_exchanged(tmp_path):
    folder, notes = tmp_path / "runs", []
    first = run("prune", folder)
    path = folder / f"{first.id}{ANSWERS}"
    path.write_bytes(b"as they were")
    shutil.rmtree(home.stages_folder())
    again = run("prune", folder, lambda event: notes.append(event.get("text", "")))
    assert again == first and path.read_bytes() == b"as they were"
    assert any(first.id in note and "is kept" in note for note in notes)


def test_a_name_that_no_record_may_hold_is_told_before_any_training(applied):
    def load(*args, **kwargs):
        return dataclasses.replace(load_task(*args, **kwargs), source="a\nb.csv")

    with pytest.raises(UserError, match=r"^run must hold texts in one line"):
        runner.run(pipeline("prune"), load=load)
    assert not applied
