import dataclasses
import json
import os

import pytest
import torch
from transformers import AutoTokenizer

from effexplorer.measure import exit_table
from effexplorer.models.checkpoint import WEIGHTS
from effexplorer.models.convert import add_exits
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.schema import Exit
from effexplorer.runner.stage_cache import ANSWERS, EXIT_TABLE_FILE, MAKERS, StageCache, stage_key
from tests.builders import a_stage, some_answers
from tests.tiny_models import tiny_classifier, toy_examples

PIPELINE = Pipeline("minilm", "reviews", parse_steps("distill > prune"))


@pytest.fixture(scope="module")
def tokenizer(tiny_model_folder):
    return AutoTokenizer.from_pretrained(tiny_model_folder)


@pytest.fixture
def cache(tmp_path):
    return StageCache(tmp_path / "stages")


def keep(cache, key, tokenizer, *, stages=None, seed=0, age=0):
    """Keep a stage that was used ``age`` seconds ago."""
    stages = stages or (a_stage(),)
    cache.keep(key, tiny_classifier(seed), tokenizer, stages, some_answers(len(stages)))
    if age:
        stamp = (cache.folder / key).stat().st_mtime - age
        os.utime(cache.folder / key, (stamp, stamp))


def names(cache) -> set[str]:
    return {path.name for path in cache.folder.iterdir()}


def weight(model) -> torch.Tensor:
    return model.classifier.weight


def test_a_kept_stage_is_found_with_its_model_and_measurements(cache, tokenizer):
    stages = (a_stage(), a_stage("prune", score=80.5))
    keep(cache, "one", tokenizer, stages=stages)
    found = cache.find("one")
    assert found.stages == stages
    assert torch.equal(weight(found.model()), weight(tiny_classifier()))


def test_a_kept_stage_is_a_folder_that_transformers_opens(cache, tokenizer):
    keep(cache, "one", tokenizer)
    assert AutoTokenizer.from_pretrained(cache.folder / "one").vocab_size == tokenizer.vocab_size


def test_the_answers_of_all_stages_are_kept(cache, tokenizer):
    stages, answers = (a_stage(), a_stage("prune")), some_answers(2, seed=3)
    cache.keep("one", tiny_classifier(), tokenizer, stages, answers)
    found = cache.find("one").answers
    assert [one.values.tolist() for one in found] == [answer.values.tolist() for answer in answers]


@pytest.mark.parametrize("left", [None, b"", b"PK"], ids=["missing", "empty", "cut"])
def test_a_stage_without_whole_answers_is_none(cache, tokenizer, left):
    keep(cache, "one", tokenizer)
    (cache.folder / "one" / ANSWERS).unlink()
    if left is not None:
        (cache.folder / "one" / ANSWERS).write_bytes(left)
    assert cache.find("one") is None


def test_nothing_is_found_in_an_empty_cache(cache):
    assert cache.find("one") is None


def test_the_same_key_twice_is_one_stage(cache, tokenizer):
    keep(cache, "one", tokenizer)
    keep(cache, "one", tokenizer)
    assert names(cache) == {"one"} and cache.find("one").model() is not None


def test_the_stage_unused_for_longest_leaves_first(cache, tokenizer):
    keep(cache, "old", tokenizer, age=30)
    keep(cache, "used", tokenizer, age=90)
    keep(cache, "older", tokenizer, age=60)
    size = sum(path.stat().st_size for path in (cache.folder / "old").iterdir())
    assert cache.find("used")
    cache.limit = 3 * size + 10
    keep(cache, "new", tokenizer)
    assert names(cache) == {"old", "used", "new"}


def test_the_newest_stage_stays_however_small_the_bound(cache, tokenizer):
    cache.limit = 1
    keep(cache, "one", tokenizer)
    keep(cache, "two", tokenizer)
    assert names(cache) == {"two"}


@pytest.mark.parametrize("text", ["", "{", "[]x", '[{"step": "dense"}]', "7", "\x00"])
def test_damaged_measurements_are_no_stage_and_are_replaced(cache, tokenizer, text):
    keep(cache, "one", tokenizer)
    (cache.folder / "one" / "stages.json").write_text(text, "utf-8")
    assert cache.find("one") is None
    keep(cache, "one", tokenizer)
    assert cache.find("one").stages == (a_stage(),)


@pytest.mark.parametrize("name", [WEIGHTS, "config.json"])
@pytest.mark.parametrize("left", [None, b"", b"{"])
def test_a_damaged_model_is_none_and_is_replaced(cache, tokenizer, name, left):
    keep(cache, "one", tokenizer)
    path = cache.folder / "one" / name
    path.unlink() if left is None else path.write_bytes(left)
    assert cache.find("one").model() is None
    keep(cache, "one", tokenizer, seed=1)
    assert torch.equal(weight(cache.find("one").model()), weight(tiny_classifier(1)))


def test_a_crash_while_keeping_leaves_no_stage(cache):
    class Crashing:
        def save_pretrained(self, folder):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(cache, "one", Crashing())
    assert cache.find("one") is None and not names(cache)


def test_what_a_crash_left_is_removed_when_room_is_needed(cache, tokenizer):
    keep(cache, "one", tokenizer, age=90)
    (cache.folder / "one").rename(cache.folder / ".abandoned")
    os.utime(cache.folder / ".abandoned", (1, 1))
    cache.limit = 1
    keep(cache, "two", tokenizer)
    assert names(cache) == {"two"}


def test_measurements_are_kept_as_plain_json(cache, tokenizer):
    keep(cache, "one", tokenizer)
    plain = json.loads((cache.folder / "one" / "stages.json").read_text("utf-8"))
    assert plain == [json.loads(json.dumps(dataclasses.asdict(a_stage())))]


WEIGHTS_HERE = {"sha256": "w", "tokenizer": "t", "config": "c"}


def key(pipeline=PIPELINE, **changes) -> str:
    fields = {"fingerprint": "f", "settings": "s", "weights": [WEIGHTS_HERE], "versions": {}}
    return stage_key(pipeline, **fields | changes)


def test_a_stage_key_is_stable():
    assert key() == key(Pipeline("minilm", "reviews", parse_steps("D > P")))
    assert len(key()) == 24


@pytest.mark.parametrize(
    "other",
    [
        key(fingerprint="g"),
        key(settings="t"),
        *(key(weights=[WEIGHTS_HERE | {name: "other"}]) for name in WEIGHTS_HERE),
        key(weights=[WEIGHTS_HERE, WEIGHTS_HERE]),
        *(key(versions={name: "other"}) for name in MAKERS),
        key(PIPELINE.prefix(1)),
        key(dataclasses.replace(PIPELINE, seed=1)),
        key(dataclasses.replace(PIPELINE, train_examples=100)),
        key(dataclasses.replace(PIPELINE, epochs=1)),
        key(dataclasses.replace(PIPELINE, task="sst2")),
        key(dataclasses.replace(PIPELINE, task="stsb")),
    ],
)
def test_another_model_data_or_seed_is_another_stage(other):
    assert other != key()


@pytest.mark.parametrize("left", [None, b"", b"PK"], ids=["missing", "empty", "cut"])
def test_a_stage_with_exits_is_none_without_its_whole_table(cache, tokenizer, left):
    model = add_exits(tiny_classifier())
    stages = (a_stage("exit", exits=(Exit(1, 80.0, 1, 1.0, 40.0), Exit(2, 81.0, 2, 1.0, 60.0))),)
    cache.keep("one", model, tokenizer, stages, some_answers(1), exit_table(model, toy_examples(8)))
    assert cache.find("one").table.logits.shape == (8, 3, 2)
    (cache.folder / "one" / EXIT_TABLE_FILE).unlink()
    if left is not None:
        (cache.folder / "one" / EXIT_TABLE_FILE).write_bytes(left)
    assert cache.find("one") is None
