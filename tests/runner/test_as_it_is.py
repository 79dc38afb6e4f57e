"""Checkpoints that are measured as they are: their own classifier, and no training."""

import json
import shutil

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from effexplorer import limits, runner
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.importer import import_checkpoint
from effexplorer.operators import finetune
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.tasks.data import load_task
from tests.tiny_models import shaken

NAMES = ("negative", "positive")


@pytest.fixture
def folder(tmp_path, tiny_model_folder, monkeypatch):
    """Return a checkpoint with a classifier that has an opinion, beside no other model."""
    folder = tmp_path / "models" / "mine"
    shutil.copytree(tiny_model_folder, folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = AutoModelForSequenceClassification.from_pretrained(folder)
        shaken(model, 0.3).save_pretrained(folder)
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(folder.parent))
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)
    return folder


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    """Nothing trains here."""
    monkeypatch.setattr(finetune, "train", None)


def name_outputs(folder, *names: str) -> None:
    path = folder / "config.json"
    plain = json.loads(path.read_text("utf-8"))
    plain["id2label"] = {str(index): name for index, name in enumerate(names)}
    plain["label2id"] = {name: index for index, name in enumerate(names)}
    path.write_text(json.dumps(plain), "utf-8")


def run(steps: str = "", **changes):
    fields = {"seed": 0, "train_examples": 48, "epochs": 0} | changes
    return runner.run(Pipeline("mine", "reviews", parse_steps(steps), **fields))


def their_answers(folder) -> np.ndarray:
    """Return what transformers' own model says of the validation rows, by number."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    texts = load_task("reviews").validation.texts[0]
    batch = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        return model(**batch).logits.argmax(1).numpy()


def test_the_score_is_that_of_transformers_on_the_same_rows(folder):
    labels = np.array(load_task("reviews").validation.labels)
    expected = 100 * (their_answers(folder) == labels).mean()
    (stage,) = run().stages
    assert stage.score == pytest.approx(expected) and 0 < stage.score < 100


def test_a_head_whose_labels_stand_the_other_way_round_is_turned(folder):
    before = run().stages[0].score
    name_outputs(folder, "POSITIVE", "NEGATIVE")
    assert run(seed=1).stages[0].score == pytest.approx(100 - before)
    model = import_checkpoint(folder, labels=2, names=NAMES, as_it_is=True)
    assert model.config.id2label == {0: "NEGATIVE", 1: "POSITIVE"}


def test_steps_that_need_no_training_follow(folder):
    steps = "trim > prune(sparsity=0.5) > drop(layers=1,rule=top) > quantize"
    dense, trimmed, pruned, shorter, integer = run(steps).stages
    assert trimmed.parameters < dense.parameters
    assert pruned.nonzero < trimmed.nonzero
    assert shorter.layers == dense.layers - 1
    assert integer.bytes < shorter.bytes


@pytest.mark.parametrize(
    "steps", ["distill(layers=2)", "exit", "finetune", "quantize(mode=aware)", "drop(layers=1)"]
)
def test_a_step_that_must_train_needs_epochs_of_its_own(folder, steps):
    (said,) = Pipeline("mine", "reviews", parse_steps(steps), epochs=0).problems()
    assert "epochs must be above 0 after a dense model that is taken as it is" in said
    name, _, knobs = steps.rstrip(")").partition("(")
    steps = f"{name}({','.join(filter(None, [knobs, 'epochs=1']))})"
    assert Pipeline("mine", "reviews", parse_steps(steps), epochs=0).problems() == []


def test_nothing_is_planned_to_be_trained(folder):
    events = []
    pipeline = Pipeline("mine", "reviews", parse_steps("prune"), epochs=0, train_examples=48)
    runner.run(pipeline, report=events.append)
    (plan,) = [event for event in events if event["kind"] == "plan"]
    assert [stage["sentences"] for stage in plan["stages"]] == [0, 0]


def test_labels_that_the_task_does_not_have_are_told_before_the_run(folder):
    name_outputs(folder, "bullish", "bearish")
    said = "whose labels must be negative, positive; got bullish, bearish."
    assert Pipeline("mine", "reviews", epochs=0).problems()[0].endswith(said)
    assert Pipeline("mine", "reviews").problems() == []
    with pytest.raises(UserError, match="got bullish, bearish"):
        import_checkpoint(folder, labels=2, names=NAMES, as_it_is=True)


def test_a_model_without_a_classifier_is_told_before_the_run():
    (said,) = Pipeline("minilm", "reviews", epochs=0).problems()
    assert "must have a classifier of its own; got minilm, which has none" in said


def test_a_classifier_that_the_file_lacks_is_refused(folder):
    plain = AutoModelForSequenceClassification.from_pretrained(folder)
    plain.bert.save_pretrained(folder)
    assert Pipeline("mine", "reviews", epochs=0).problems()
    with pytest.raises(UserError, match="which has none"):
        import_checkpoint(folder, labels=2, names=NAMES, as_it_is=True)


def test_a_model_of_several_labels_is_refused(folder):
    path = folder / "config.json"
    kind = {"problem_type": "multi_label_classification"}
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | kind), "utf-8")
    (said,) = Pipeline("mine", "reviews", epochs=0).problems()
    assert "must give every text one label; got mine, which may give several" in said


def test_a_trained_head_starts_in_the_order_of_the_task(folder):
    name_outputs(folder, "pos", "neg")
    turned = import_checkpoint(folder, labels=2, names=NAMES)
    plain = import_checkpoint(folder, labels=2)
    assert torch.equal(turned.classifier.weight, plain.classifier.weight[[1, 0]])
    assert torch.equal(turned.classifier.bias, plain.classifier.bias[[1, 0]])


def test_a_folder_tells_its_labels(folder):
    name_outputs(folder, "neg", "pos")
    assert find_model("mine").labels == ("neg", "pos")
