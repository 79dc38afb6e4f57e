"""Trim vocabulary: on a real tokenizer, through the runner, and with what stands around it."""

import json
import shutil

import numpy as np
import pytest
import torch
from tokenizers import SentencePieceUnigramTokenizer, Tokenizer, models
from transformers import (
    AutoTokenizer,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
    XLMRobertaTokenizerFast,
)

from effexplorer import home, limits, runner
from effexplorer.errors import UserError
from effexplorer.measure import predict
from effexplorer.models.convert import to_numeric
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.slimbert import SlimBertForSequenceClassification as Model
from effexplorer.operators import Context, Outline, TrimVocabulary, finetune
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

    def run(steps, model="tiny"):
        fields = {"seed": 0, "train_examples": 60, "epochs": 0.5}
        return runner.run(Pipeline(model, "reviews", parse_steps(steps), **fields))

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


@pytest.fixture
def read_by(tmp_path, monkeypatch):
    """Return a function that makes a tiny XLM-RoBERTa, a local model, with a tokenizer."""

    def make(name, tokenizer):
        shape = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
        ends = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
        config = XLMRobertaConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=66,
            num_hidden_layers=2,
            **shape,
            **ends,
        )
        XLMRobertaForSequenceClassification(config).save_pretrained(tmp_path / name)
        tokenizer.save_pretrained(tmp_path / name)
        monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))

    return make


def test_a_model_that_reads_with_sentencepiece_is_trimmed(run, read_by, data):
    learned = SentencePieceUnigramTokenizer()
    learned.train_from_iterator(
        load_task("reviews").train.texts[0],
        vocab_size=700,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        unk_token="<unk>",  # noqa: S106 - a token, not a secret
        show_progress=False,
    )
    pieces = [tuple(piece) for piece in json.loads(learned.to_str())["model"]["vocab"]]
    read_by("sentences", XLMRobertaTokenizerFast(vocab=pieces, model_max_length=64))
    plan = Pipeline("sentences", "reviews", parse_steps("trim > quantize"), train_examples=60)
    assert runner.check(plan) == []
    record = run("trim > quantize", model="sentences")
    assert record.stages[1].parameters < record.stages[0].parameters
    answers = []
    for count in (1, 2):
        folder, config = last_stage(count)
        assert (config["vocab_size"] < 701) is (count == 2)
        read = encode_task(data, AutoTokenizer.from_pretrained(folder))
        answers.append(predict(Model.from_pretrained(folder), read.train))
    assert np.array_equal(*answers)


def test_a_tokenizer_that_cannot_be_trimmed_is_told_before_any_training(run, read_by, monkeypatch):
    words = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "film": 4}
    names = {"unk_token": "<unk>", "pad_token": "<pad>", "model_max_length": 64}
    backend = Tokenizer(models.WordLevel(words, unk_token="<unk>"))  # noqa: S106 - a token
    read_by("words", PreTrainedTokenizerFast(tokenizer_object=backend, **names))
    monkeypatch.setattr(finetune, "train", None)
    said = "trim: the model's tokenizer must be WordPiece, BPE or Unigram; got WordLevel."
    plan = Pipeline("words", "reviews", parse_steps("prune > trim"), train_examples=60)
    assert runner.check(plan) == [said]
    with pytest.raises(UserError) as raised:
        run("prune > trim", model="words")
    assert str(raised.value) == said


def test_the_dense_answers_to_seen_text_do_not_change(run, context, data):
    run("trim")
    old, _ = last_stage(1)
    new, _ = last_stage(2)
    answers = []
    for folder in (old, new):
        read = encode_task(data, AutoTokenizer.from_pretrained(folder))
        answers.append(torch.tensor(predict(Model.from_pretrained(folder), read.train)))
    assert torch.equal(*answers)
