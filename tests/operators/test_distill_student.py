"""Distill with another pre-trained model as the student, as Movva et al. 2022 do."""

import json
import shutil

import numpy as np
import pytest
import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertTokenizerFast,
    MPNetConfig,
    MPNetForSequenceClassification,
    MPNetTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaTokenizerFast,
)

from effexplorer import home, limits, runner
from effexplorer.errors import UserError
from effexplorer.models.catalog import CATALOG, find_model
from effexplorer.models.convert import add_exits, to_numeric
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.source import locate
from effexplorer.operators import Context, Distill, Outline, finetune
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import read_record
from effexplorer.runner.tokenizers import open_readings
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import encode_task
from tests.fake_hub import FakeHub, use_hub
from tests.tiny_models import shaken

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


@pytest.fixture(scope="module")
def tiny_models(tiny_model_folder, tmp_path_factory):
    """Return a folder of random models: the run's own, and three called like the catalog's.

    ``bert-tiny`` has another vocabulary and width than ``tiny``, ``bert-mini`` the same of both,
    ``roberta-base`` another kind of tokenizer; ``wide`` is an MPNet of a vocabulary of its own.
    """
    local_models = tmp_path_factory.mktemp("local_models")
    for name in ("tiny", "bert-mini"):
        shutil.copytree(tiny_model_folder, local_models / name)
    texts = load_task("reviews").train.texts[0]
    learned = ByteLevelBPETokenizer()
    learned.train_from_iterator(texts, vocab_size=400, special_tokens=SPECIAL, show_progress=False)
    (local_models / "roberta-base").mkdir()
    learned.save_model(str(local_models / "roberta-base"))
    tokenizer = RobertaTokenizerFast.from_pretrained(
        local_models / "roberta-base", model_max_length=64
    )
    tokenizer.save_pretrained(local_models / "roberta-base")
    shape = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{x}" for x in letters)]
    vocabulary = {piece: index for index, piece in enumerate([*pieces, "the", "film", *".,'"])}
    BertTokenizerFast(vocab=vocabulary).save_pretrained(local_models / "bert-tiny")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        config = BertConfig(vocab_size=len(vocabulary), num_hidden_layers=2, **shape)
        BertForSequenceClassification(config).save_pretrained(local_models / "bert-tiny")
        config = RobertaConfig(
            vocab_size=len(tokenizer), num_hidden_layers=12, max_position_embeddings=66, **shape
        )
        RobertaForSequenceClassification(config).save_pretrained(local_models / "roberta-base")
        pieces = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>", *pieces[5:], "good", "bad", "and"]
        vocabulary = {piece: index for index, piece in enumerate(pieces)}
        MPNetTokenizerFast(vocab=vocabulary, unk_token="[UNK]").save_pretrained(  # noqa: S106
            local_models / "wide"
        )
        config = MPNetConfig(vocab_size=len(vocabulary), num_hidden_layers=12, **shape)
        MPNetForSequenceClassification(config).save_pretrained(local_models / "wide")
    return local_models


@pytest.fixture(autouse=True)
def local_models(tiny_models, monkeypatch):
    """Make them local models, and measure coarsely."""
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tiny_models))
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    monkeypatch.setattr("effexplorer.measure.cheapest_threshold", lambda *given, steady: None)
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)
    return tiny_models


def run(steps: str, model: str = "tiny"):
    fields = {"seed": 0, "train_examples": 48, "epochs": 0.5}
    return runner.run(Pipeline(model, "reviews", parse_steps(steps), **fields))


def stage_folder(count: int):
    """Return the cached folder of the run's stage after ``count - 1`` steps."""
    found = home.stages_folder().glob("*/stages.json")
    return next(one.parent for one in found if len(json.loads(one.read_text("utf-8"))) == count)


def vocabulary(folder) -> dict:
    return AutoTokenizer.from_pretrained(folder).get_vocab()


@pytest.mark.parametrize("student", ["bert-tiny", "roberta-base", "bert-mini"])
def test_a_run_goes_on_with_the_student_and_its_tokenizer(local_models, student):
    record = run(f"distill(student={student}) > prune > quantize")
    assert read_record(home.runs_folder() / f"{record.id}.json") == record
    assert [stage.layers for stage in record.stages] == [4, *[CATALOG[student].layers] * 3]
    for count in (2, 3, 4):
        assert vocabulary(stage_folder(count)) == vocabulary(local_models / student)
    assert vocabulary(stage_folder(1)) == vocabulary(local_models / "tiny")
    assert record.stages[2].nonzero < record.stages[1].nonzero
    assert record.stages[3].bytes < record.stages[2].bytes


def test_a_wide_teacher_of_another_vocabulary_teaches_a_student_that_later_steps_narrow(
    local_models,
):
    steps = "distill(student=bert-mini) > exit > slenderize(steps=1) > trim > quantize"
    record = run(steps, model="wide")
    assert [stage.layers for stage in record.stages] == [12, 4, 4, 4, 4, 4]
    assert vocabulary(stage_folder(1)) == vocabulary(local_models / "wide")
    assert vocabulary(stage_folder(2)) == vocabulary(local_models / "bert-mini")
    assert vocabulary(stage_folder(6)).keys() < vocabulary(local_models / "bert-mini").keys()


@pytest.mark.parametrize("steps", ["prune > quantize", "trim > slenderize(rank=4,steps=1)"])
def test_a_resumed_run_equals_a_straight_one(steps):
    steps = f"distill(student=bert-tiny) > {steps}"
    straight = run(steps)
    weights = (stage_folder(4) / "model.safetensors").read_bytes()
    for count in (3, 4):
        shutil.rmtree(stage_folder(count))
    shutil.rmtree(home.runs_folder())
    resumed = run(steps)
    assert [stage.reused for stage in resumed.stages] == [True, True, False, False]
    assert [stage.score for stage in resumed.stages] == [stage.score for stage in straight.stages]
    assert (stage_folder(4) / "model.safetensors").read_bytes() == weights


def test_another_file_of_the_student_makes_the_stage_anew(local_models):
    before = run("distill(student=bert-mini)")
    model = BertForSequenceClassification.from_pretrained(local_models / "bert-mini")
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight.add_(0.1)
    original = (local_models / "bert-mini" / "model.safetensors").read_bytes()
    try:
        model.save_pretrained(local_models / "bert-mini")
        after = run("distill(student=bert-mini)")
    finally:
        (local_models / "bert-mini" / "model.safetensors").write_bytes(original)
    assert all(stage.reused is False for stage in before.stages)
    assert [stage.reused for stage in after.stages] == [True, False]


def test_a_student_of_the_runs_own_model_is_legal():
    record = run("prune > distill(student=bert-tiny)", model="bert-tiny")
    assert record.stages[2].nonzero > record.stages[1].nonzero
    assert record.stages[2].parameters == record.stages[0].parameters


def test_a_run_with_exits_has_a_student_with_exits():
    record = run("exit > quantize(mode=aware) > distill(student=bert-tiny)")
    assert [one.layer for one in record.stages[-1].exits] == [1, 2]
    config = json.loads((stage_folder(4) / "config.json").read_text("utf-8"))
    assert config["numeric"] == "int8-aware"


def test_what_the_student_needs_is_told_before_the_run(local_models, monkeypatch):
    monkeypatch.setattr("effexplorer.hub.reachable", lambda: False)
    steps = "distill(student=bert-medium) > distill(student=bert-small)"
    found = runner.check(Pipeline("tiny", "reviews", parse_steps(steps)))
    assert [one.partition(":")[0] for one in found] == ["bert-medium", "bert-small"]
    with pytest.raises(UserError, match="bert-medium: weights must be on this machine"):
        run(steps)
    assert not home.stages_folder().exists()


@pytest.fixture
def short(tiny_models, tmp_path):
    """Return a folder with a student of 2 layers that has 16 positions."""
    folder = tmp_path / "short student"
    shutil.copytree(tiny_models / "bert-tiny", folder)
    shape = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
    places = {"num_hidden_layers": 2, "max_position_embeddings": 16}
    config = BertConfig(
        vocab_size=AutoTokenizer.from_pretrained(folder).vocab_size, **shape, **places
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_folder_is_a_student_whose_hashes_the_record_names(short):
    record = run(f"prune(sparsity=0.1) > distill(student={short}) > trim > quantize")
    assert [stage.layers for stage in record.stages] == [4, 4, 2, 2, 2]
    assert record.weights["students"] == {str(short): locate(find_model(str(short))).hashes()}
    assert read_record(home.runs_folder() / f"{record.id}.json") == record
    again = run(f"prune(sparsity=0.1) > distill(student={short}) > trim")
    assert all(stage.reused for stage in again.stages)


def test_a_model_of_the_hub_is_a_student(tiny_model_folder, monkeypatch, tmp_path):
    files = {path.name: path.read_bytes() for path in tiny_model_folder.iterdir()}
    with FakeHub({"org/mine": files}) as server:
        use_hub(monkeypatch, url=server.url, cache=tmp_path / "cache")
        record = run("distill(student=hub:org/mine@v1)", model="wide")
    assert [stage.layers for stage in record.stages] == [12, 4]
    hashes = record.weights["students"]["hub:org/mine@v1"]
    assert hashes["sha256"] == locate(find_model(str(tiny_model_folder))).sha256


def test_a_hub_id_of_the_catalog_is_the_catalogs_model():
    assert Distill(student="google-bert/bert-base-uncased") == Distill(student="bert-base")


def break_config(folder):
    plain = json.loads((folder / "config.json").read_text("utf-8")) | {"model_type": "gpt2"}
    (folder / "config.json").write_text(json.dumps(plain), "utf-8")


def break_weights(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-8])


def break_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{}", "utf-8")


BROKEN = [
    (shutil.rmtree, "must be in the catalog, a folder that is there, or hub:org/name for one"),
    (break_config, "must be of the family bert, "),
    (
        break_weights,
        "must be a whole checkpoint of transformers; got a model.safetensors that is cut",
    ),
    (break_tokenizer, "must be a whole checkpoint of transformers; got a tokenizer.json without a"),
]


@pytest.mark.parametrize(("harm", "said"), BROKEN, ids=lambda one: getattr(one, "__name__", None))
def test_a_folder_that_is_no_student_is_told_before_any_training(short, monkeypatch, harm, said):
    harm(short)
    monkeypatch.setattr(finetune, "train", None)
    steps = f"prune > distill(student={short})"
    (told,) = runner.check(Pipeline("tiny", "reviews", parse_steps(steps)))
    assert told.startswith(f"distill: student={short}: {said}")
    with pytest.raises(UserError) as raised:
        run(steps)
    assert str(raised.value) == told


def test_a_student_that_is_no_model_has_an_outline_all_the_same():
    step, before = Distill(student="nobody"), Outline(layers=6)
    assert step.problem(before).startswith("distill: student=nobody: must be one of minilm, ")
    assert step.after(before).layers == 6


def test_a_student_without_a_type_for_the_second_text_is_told(short, monkeypatch, tmp_path):
    plain = json.loads((short / "config.json").read_text("utf-8")) | {"type_vocab_size": 1}
    (short / "config.json").write_text(json.dumps(plain), "utf-8")
    plan = Pipeline("tiny", "mrpc", parse_steps(f"distill(student={short})"))
    with pytest.raises(UserError, match=r"distill: student=.*: a pair's second text must have a "):
        open_readings(plan, texts=2)


def test_later_steps_go_on_at_the_students_learning_rate(monkeypatch):
    rates, train = [], finetune.train

    def recorded(*args, **options):
        rates.append(options["learning_rate"])
        return train(*args, **options)

    monkeypatch.setattr(finetune, "train", recorded)
    run("prune(sparsity=0.1) > distill(student=bert-tiny) > prune")
    assert rates == [5e-5, 5e-5, 1e-4, 1e-4] and CATALOG["bert-tiny"].learning_rate == 1e-4


def test_later_steps_start_over_from_the_student(local_models, monkeypatch):
    seen = []

    def looked_at(self, model, context):
        seen.append(context.pretrained().config.hidden_size)
        return model

    monkeypatch.setattr("effexplorer.operators.Prune.apply", looked_at)
    run("prune(sparsity=0.1) > distill(student=bert-tiny) > prune")
    assert seen == [32, 16]


@pytest.fixture(scope="module")
def context(tiny_model_folder):
    """Return what the tiny model's run works with."""
    data = load_task("reviews", train_examples=48)
    tokenizer = AutoTokenizer.from_pretrained(tiny_model_folder)
    return Context(
        encode_task(data, tokenizer),
        0,
        0.5,
        1e-3,
        tokenizer=tokenizer,
        encode=lambda other: encode_task(data, other),
    )


@pytest.fixture
def untrained(monkeypatch):
    """Let distill hand back what it would train, with its loss and context, and train nothing."""
    taken = {}

    def take(model, context, *, epochs, loss, teachers):
        taken.update(context=context, loss=loss)
        return model.eval()

    monkeypatch.setattr(finetune, "fine_tune", take)
    return taken


def value(taken) -> float:
    with torch.no_grad():
        return taken["loss"](taken["context"].task.train.batch(np.arange(7))).item()


@pytest.mark.parametrize(("student", "alike"), [("bert-mini", True), ("bert-tiny", False)])
def test_hidden_states_count_where_widths_and_tokens_agree(
    context, untrained, tiny_model_folder, student, alike
):
    teacher, losses = shaken(import_checkpoint(tiny_model_folder, labels=2), 0.1), []
    for weight in (0.0, 5.0):
        Distill(student=student, hidden=weight).apply(teacher, context)
        losses.append(value(untrained))
    assert (losses[1] > losses[0]) is alike


def test_hidden_states_of_other_tokens_are_not_compared(context, untrained, local_models):
    teacher = import_checkpoint(local_models / "roberta-base", labels=2)
    read = context.encode(AutoTokenizer.from_pretrained(local_models / "roberta-base"))
    other = Context(read, 0, 0.5, 1e-3, encode=context.encode)
    losses = []
    for weight in (0.0, 5.0):
        Distill(student="bert-tiny", hidden=weight).apply(teacher, other)  # both 16 wide
        losses.append(value(untrained))
    assert losses[0] == losses[1]


def test_the_teacher_reads_the_same_rows_in_its_own_words(context, untrained, tiny_model_folder):
    teacher = import_checkpoint(tiny_model_folder, labels=2)
    student = Distill(student="bert-tiny", alpha=1.0, temperature=1.0).apply(teacher, context)
    rows = np.array([5, 3, 40])
    mine, other = untrained["context"].task.train.batch(rows), context.task.train.batch(rows)
    with torch.no_grad():
        z = student(mine.ids, mine.mask).logits.log_softmax(1)
        t = teacher(other.ids, other.mask).logits.softmax(1)
        expected = (t * (t.log() - z)).sum(1).mean().item()
        assert untrained["loss"](mine).item() == pytest.approx(expected, rel=1e-4)


def test_format_and_exits_of_the_teacher_carry_over(context, untrained, tiny_model_folder):
    teacher = import_checkpoint(tiny_model_folder, labels=2)
    student = Distill(student="bert-tiny").apply(teacher, context)
    assert student.config.numeric == "fp32" and not student.config.exits
    teacher = add_exits(to_numeric(teacher, "int8-aware"))
    student = Distill(student="bert-tiny").apply(teacher, context)
    assert student.config.numeric == "int8-aware" and student.config.exits == [1]
    assert untrained["context"].learning_rate == CATALOG["bert-tiny"].learning_rate


def test_the_outline_is_that_of_the_student():
    before = Outline(layers=6, sparsity=0.6, bits=8, exits=True, rank=32, dense=False)
    expected = Outline(layers=12, sparsity=0.0, bits=8, exits=True, rank=0, dense=False)
    step = Distill(student="bert-base", layers=24)
    assert step.problem(before) is None and step.after(before) == expected


def test_what_is_lost_is_told():
    step, small = Distill(student="bert-tiny"), Outline(layers=6, dense=False)
    assert "bert-tiny starts from its own weights" in step.caution(small)
    assert step.caution(Outline(layers=6)) is None
    assert Distill().caution(small) is None
