"""Trim vocabulary: on a real tokenizer, through the runner, and with what stands around it."""

import json
import shutil

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from effexplorer import home, limits, runner
from effexplorer.measure import predict
from effexplorer.models.convert import to_numeric
from effexplorer.models.importer import import_checkpoint
from effexplorer.operators import Context, Outline, TrimVocabulary
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import encode_task


@pytest.fixture(scope="module")
def data():
    return load_task("reviews", train_examples=60)


@pytest.fixture
def context(tiny_model_folder, data):
    tokenizer = AutoTokenizer.from_pretrained(tiny_model_folder)
    return Context(
        encode_task(data, tokenizer),
        0,
        1.0,
        1e-3,
        tokenizer=tokenizer,
        encode=lambda other: encode_task(data, other),
    )


@pytest.mark.parametrize("numeric", ["fp32", "int8-aware", "int8"])
def test_answers_to_training_text_are_the_same_to_the_last_bit(context, tiny_model_folder, numeric):
    model = import_checkpoint(tiny_model_folder, labels=2)
    if numeric != "fp32":
        model = to_numeric(model, numeric)
    step = TrimVocabulary()
    smaller = step.apply(model, context)
    read = context.encode(step.new_tokenizer(context))
    expected = predict(model, context.task.train)
    assert np.array_equal(predict(smaller, read.train), expected)
    assert len(smaller.embeddings.word.weight) == smaller.config.vocab_size
    assert smaller.config.vocab_size == len(step.new_tokenizer(context)) < 400
    assert smaller.config.pad_token_id == read.train.pad


def test_a_higher_minimum_keeps_fewer_tokens(context):
    sizes = [len(TrimVocabulary(minimum=one).new_tokenizer(context)) for one in (1, 2, 5)]
    assert sizes == sorted(set(sizes), reverse=True)


@pytest.mark.parametrize(("bits", "said"), [(4, "got trim after 4 bits."), (2, "after 2 bits.")])
def test_packed_tables_are_refused(bits, said):
    problem = TrimVocabulary().problem(Outline(layers=6, bits=bits, trainable=False))
    assert problem.startswith("trim: must stand before quantize to 4 or 2 bits")
    assert problem.endswith(said)


def test_it_trains_nothing():
    assert not TrimVocabulary().trains
    assert TrimVocabulary().sentences(1000, 3.0, Outline(layers=6)) == 0


@pytest.fixture
def run(local_tiny_model, monkeypatch):
    """Return a function that runs steps on the tiny model, measured coarsely."""
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)

    def run(steps):
        fields = {"seed": 0, "train_examples": 60, "epochs": 0.5}
        return runner.run(Pipeline("tiny", "reviews", parse_steps(steps), **fields))

    return run


@pytest.mark.parametrize(
    "steps",
    [
        "trim",
        "trim > prune > quantize",
        "quantize > trim",
        "slenderize(rank=8,steps=1) > trim > distill(layers=2)",
        "trim > trim(minimum=3)",
    ],
)
def test_a_run_with_it_is_measured_with_the_trimmed_tokenizer(run, steps):
    record = run(steps)
    at = next(index for index, stage in enumerate(record.stages) if stage.letter == "V")
    before, after = record.stages[at - 1], record.stages[at]
    assert after.parameters < before.parameters and after.bytes < before.bytes
    assert after.layers == before.layers
    folder, model = last_stage(len(record.stages))
    assert len(AutoTokenizer.from_pretrained(folder)) == model["vocab_size"] < 481


def last_stage(count: int):
    """Return the cached folder of a run's last of ``count`` stages, and its configuration."""
    found = home.stages_folder().glob("*/stages.json")
    folder = next(one.parent for one in found if len(json.loads(one.read_text("utf-8"))) == count)
    return folder, json.loads((folder / "config.json").read_text("utf-8"))


def test_a_run_goes_on_from_a_trimmed_stage(run):
    straight = run("trim > prune")
    weights = (last_stage(3)[0] / "model.safetensors").read_bytes()
    for stage in home.stages_folder().iterdir():
        if len(json.loads((stage / "stages.json").read_text("utf-8"))) == 3:
            for file in stage.iterdir():
                file.unlink()
            stage.rmdir()
    shutil.rmtree(home.runs_folder())
    resumed = run("trim > prune")
    assert [stage.reused for stage in resumed.stages] == [True, True, False]
    assert resumed.stages[-1].score == straight.stages[-1].score
    assert (last_stage(3)[0] / "model.safetensors").read_bytes() == weights


def test_the_dense_answers_to_seen_text_do_not_change(run, context, data):
    run("trim")
    old, _ = last_stage(1)
    new, _ = last_stage(2)
    from effexplorer.models.slimbert import SlimBertForSequenceClassification as Model

    answers = []
    for folder in (old, new):
        read = encode_task(data, AutoTokenizer.from_pretrained(folder))
        answers.append(torch.tensor(predict(Model.from_pretrained(folder), read.train)))
    assert torch.equal(*answers)
