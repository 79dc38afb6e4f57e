"""Fixtures for all tests: a home of their own, and a tiny random model that trains in a second."""

import collections
import functools
import os
import re
from pathlib import Path

import hypothesis
import pytest

from effexplorer.home import precomputed_folder
from effexplorer.records.store import _read as store_read

# Before torch loads: threads that wait for each other make tiny models slow on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHIPPED_RUNS = precomputed_folder() / "runs"
_read_shipped = functools.cache(store_read)

# The same examples every time, and none fails because a machine is busy.
hypothesis.settings.register_profile("here", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("here")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch) -> Path:
    """Give every test an empty effexplorer home, so that none sees the user's or another's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("EFFEXPLORER_HOME", str(folder))
    monkeypatch.delenv("EFFEXPLORER_GLUE_DIR", raising=False)
    monkeypatch.delenv("EFFEXPLORER_MODEL_DIR", raising=False)
    return folder


@pytest.fixture(autouse=True)
def no_extra_models(monkeypatch) -> None:
    """Hide models that this machine may have as extras: tests see what every machine has."""
    monkeypatch.setattr("effexplorer.models.source.pieces", lambda archive: [])


@pytest.fixture(autouse=True)
def shipped_records_read_once(monkeypatch) -> None:
    """Read the thousand shipped records once for all tests: each has a home without their index."""
    monkeypatch.setattr("effexplorer.records.store._read", _read_once)


def _read_once(path: Path):
    return (_read_shipped if path.parent == SHIPPED_RUNS else store_read)(path)


@pytest.fixture(scope="session")
def tiny_model_folder(tmp_path_factory) -> Path:
    """Return a folder ``tiny`` with a random BERT of 4 layers and a word-piece tokenizer.

    Its parent can be ``EFFEXPLORER_MODEL_DIR``; the model's name is then ``tiny``.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    from effexplorer.tasks.data import load_task

    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    texts = load_task("reviews").train.texts[0]
    words = collections.Counter(re.findall(r"[a-z]+", " ".join(texts).lower()))
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *".,;:!?'-()"]
    pieces += [f"##{letter}" for letter in letters]
    pieces += [word for word, _ in words.most_common(400) if len(word) > 1]
    (folder / "vocab.txt").write_text("\n".join(pieces), "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    shape = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(pieces), intermediate_size=64, **shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture
def local_tiny_model(tiny_model_folder, monkeypatch) -> Path:
    """Make the tiny model a local one, which a pipeline can name ``tiny``."""
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tiny_model_folder.parent))
    return tiny_model_folder.parent
