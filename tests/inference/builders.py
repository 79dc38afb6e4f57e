"""Made-up multi-exit models, and the answers of all their exits by way of ``measure``."""

import functools

import numpy as np
import torch

from effexplorer.inference.engine import TorchEngine
from effexplorer.inference.onnx import OnnxEngine
from effexplorer.measure import predict
from effexplorer.models.convert import add_exits, to_numeric
from effexplorer.tasks.encoded import Examples
from tests.tiny_models import END, PAD, START, WORDS, shaken, tiny_classifier, toy_tokenizer

ENGINES = {"torch": TorchEngine, "onnx": OnnxEngine}


def made_exits(
    numeric: str = "fp32", *, seed: int = 0, spread: float = 0.1, first: int = 1, **changes
):
    """Return a random model with exits from ``first`` on, which are not of one mind."""
    model = add_exits(tiny_classifier(seed, spread=spread, **changes), first=first)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for head in (*model.exits, model.classifier):
            shaken(head, 0.5)
    model.config.temperatures = [0.5 + 0.25 * exit for exit in range(len(model.exits) + 1)]
    return to_numeric(model, numeric).eval() if numeric != "fp32" else model.eval()


@functools.cache
def made_engine(kind: str, numeric: str = "fp32", outputs: int = 2, pooling: str = "cls"):
    """Return a model and an engine that computes it; the same ones for the same arguments."""
    model = made_exits(numeric, num_labels=outputs, pooling=pooling)
    return model, ENGINES[kind](model)


def made_rows(lengths: list[int], seed: int = 0) -> Examples:
    """Return random pairs of these lengths, in word pieces."""
    random = np.random.default_rng(seed)
    ids = [[START, *random.integers(3, WORDS, size=n - 2).tolist(), END] for n in lengths]
    types = [[0] * (n // 2) + [1] * (n - n // 2) for n in lengths]
    return Examples(ids, types, np.zeros(len(ids), dtype=np.int64), PAD)


def arrays(rows: Examples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ids, token types and lengths, as an engine's batch has them."""
    batch = rows.batch(np.arange(len(rows)))
    return batch.ids.numpy(), batch.token_types.numpy(), rows.lengths.astype(np.int32)


def temperatures(model) -> np.ndarray:
    return np.array(model.config.temperatures)


def all_logits(model, rows: Examples) -> np.ndarray:
    """Return what every exit says of every row, computed in batches of other companions."""
    return predict(model, rows)


def saved_exits(folder, *, task: str = "sst2", **changes):
    """Save a made model with its tokenizer into ``folder``, as a stage is saved."""
    model = made_exits(**changes)
    model.config.task, model.config.threshold = task, 0.7
    model.save_pretrained(folder)
    toy_tokenizer().save_pretrained(folder)
    return model
