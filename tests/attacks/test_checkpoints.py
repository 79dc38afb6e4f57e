"""Checkpoints as people find them: transformers' own logits, or a sentence before training."""

import json
import os
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

from effexplorer import runner
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.source import available, locate
from effexplorer.models.tokenizer import check_tokenizer, open_tokenizer
from effexplorer.pipeline import Pipeline
from effexplorer.tasks.encoded import encode_split
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.split import Split

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 4\n"
TEXTS = ["a good film, not bad", "awful " * 300, "x"]


def pointer(name):
    return lambda folder: (folder / name).write_text(POINTER)


def settings(name, **values):
    def change(folder):
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def cut_short(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def more_tokens(folder):
    path = folder / "tokenizer.json"
    plain = json.loads(path.read_text())
    plain["added_tokens"].append({**plain["added_tokens"][0], "id": 99_999, "content": "@@new"})
    path.write_text(json.dumps(plain))


def pipe(folder):
    (folder / "merges.txt").unlink(missing_ok=True)
    os.mkfifo(folder / "merges.txt")


def damaged(name):
    return lambda folder: (folder / name).write_text((folder / name).read_text()[:200])


def missing_shard(folder):
    (folder / "model.safetensors").unlink()
    table = {"weight_map": {"classifier.weight": "../../etc/passwd"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(table))


REFUSED = {
    "weights pointer": pointer("model.safetensors"),
    "tokenizer pointer": pointer("tokenizer.json"),
    "config pointer": pointer("config.json"),
    "weights cut short": cut_short,
    "tokenizer cut short": damaged("tokenizer.json"),
    "tokenizer settings cut short": damaged("tokenizer_config.json"),
    "tokenizer nested": lambda folder: (folder / "tokenizer.json").write_text("[" * 100_000),
    "tokens without rows": more_tokens,
    "no padding token": settings("tokenizer_config.json", pad_token=None),
    "a pipe among the files": pipe,
    "decoder": settings("config.json", is_decoder=True),
    "relative positions": settings("config.json", position_embedding_type="relative_key"),
    "quantized": settings("config.json", quantization_config={"quant_method": "bitsandbytes"}),
    "absurd size": settings("config.json", vocab_size=10**12),
    "null size": settings("config.json", hidden_size=None, num_attention_heads=None),
    "a shard elsewhere": missing_shard,
}


@pytest.fixture
def folder(tmp_path, tiny_model_folder, monkeypatch):
    shutil.copytree(tiny_model_folder, tmp_path / "models" / "odd")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "models"))
    return tmp_path / "models" / "odd"


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_sentence_before_any_training(folder, name):
    REFUSED[name](folder)
    plan = Pipeline("odd", "reviews", train_examples=40, epochs=0.5)
    events = []
    with pytest.raises(UserError) as raised:
        runner.run(plan, report=events.append)
    assert str(raised.value).endswith(".") and "\n" not in str(raised.value)
    assert not [event for event in events if event["kind"] == "progress"]
    assert runner.check(plan), "the app's list and button know it too"


def sharded(folder):
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="60KB")
    assert not (folder / "model.safetensors").exists()


def old_file(folder):
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


READ = {
    "as it is": lambda folder: None,
    "in several files": sharded,
    "an old file": old_file,
    "few positions": None,
    "cut at its start": settings("tokenizer_config.json", truncation_side="left"),
    "short": settings("tokenizer_config.json", model_max_length=16),
}


def few_positions(folder):
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig.from_pretrained(folder, max_position_embeddings=24)
    BertForSequenceClassification(config).save_pretrained(folder)


READ["few positions"] = few_positions


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_answers_as_in_transformers(folder, name):
    READ[name](folder)
    spec = find_model("odd")
    assert available(spec) is None
    tokenizer = open_tokenizer(locate(spec).folder)
    places = check_tokenizer(folder, tokenizer, 1)
    examples = encode_split(Split((TEXTS,), [0, 1, 0]), find_task("reviews"), tokenizer, places)
    batch = examples.batch(np.arange(len(TEXTS)))
    length = min(128, tokenizer.model_max_length, places)
    coded = tokenizer(TEXTS, truncation=True, max_length=length, padding=True, return_tensors="pt")
    theirs = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    ours = import_checkpoint(folder, labels=2)
    with torch.inference_mode():
        expected = theirs(**coded).logits
        logits = ours(batch.ids, batch.mask, batch.token_types).logits
    assert torch.allclose(logits, expected, atol=1e-5)
    assert examples.cut == 1
