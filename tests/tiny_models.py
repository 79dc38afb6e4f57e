"""Tiny random models and made-up examples: small enough that a test trains one in a blink."""

import numpy as np
import torch
from transformers import BertTokenizerFast

from effexplorer.models.config import SlimBertConfig
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.operators import Context
from effexplorer.tasks.encoded import EncodedTask, Examples
from effexplorer.tasks.spec import TaskSpec

WORDS, VOCABULARY = 40, 48  # words of the made-up texts; tokens, the last of them never used
PAD, START, END, GOOD, BAD = 0, 1, 2, 3, 4


def tiny_config(**changes) -> SlimBertConfig:
    """Return the configuration of a model of 3 layers and width 32; ``changes`` replace fields."""
    fields = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "head_size": 8,
        "heads": [4, 4, 4],
        "ffn": [64, 64, 64],
        "max_position_embeddings": 48,
        "dropout": 0.0,
        "num_labels": 2,
    }
    return SlimBertConfig(**fields | changes)


def tiny_classifier(seed: int = 0, *, spread: float = 0.1, **changes):
    """Return a random fp32 classifier whose every tensor, norms and biases too, is random."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = SlimBertForSequenceClassification(tiny_config(**changes))
        shaken(model, spread)
    return model.eval()


@torch.no_grad()
def shaken(model: torch.nn.Module, spread: float) -> torch.nn.Module:
    """Add noise to every parameter, so that no norm is the identity and no bias is zero."""
    for parameter in model.parameters():
        parameter.add_(torch.randn_like(parameter) * spread)
    return model


def thinned(model: SlimBertForSequenceClassification, sparsity: float):
    """Return ``model`` with the smallest weights of its encoder set to zero, marked as sparse."""
    from effexplorer.models.checkpoint import encoder_matrices
    from effexplorer.operators.prune import largest

    for module in encoder_matrices(model).values():
        module.weight.data.mul_(largest(module.weight.data, sparsity))
    model.config.sparse = True
    return model


def toy_examples(count: int = 48, *, seed: int = 0, pairs: bool = False, kind: str = "class"):
    """Return examples whose label says whether the word ``GOOD`` or ``BAD`` stands in them.

    ``kind`` is ``class`` (0 or 1) or ``number`` (0.0 or 5.0).
    """
    random = np.random.default_rng(seed)
    labels = random.integers(2, size=count)
    ids, types = [], []
    for label in labels:
        body = random.integers(5, WORDS, size=random.integers(2, 14)).tolist()
        body[random.integers(len(body))] = GOOD if label else BAD
        ids.append([START, *body, END])
        cut = len(body) // 2 + 1
        types.append([0] * cut + [1] * (len(body) + 2 - cut))
    targets = labels if kind == "class" else (5 * labels).astype(np.float32)
    return Examples(ids, types if pairs else None, targets, PAD)


def toy_task(count: int = 48, *, pairs: bool = False, kind: str = "class") -> EncodedTask:
    """Return a task that a tiny model can learn."""
    labels = ("bad", "good") if kind == "class" else ()
    metrics = ("accuracy",) if kind == "class" else ("spearmanr", "pearson")
    spec = TaskSpec("toy", "Toy", ("sentence",), labels, metrics)
    sizes = ((count, 1), (16, 3), (24, 2))
    return EncodedTask(spec, *(toy_examples(n, seed=s, pairs=pairs, kind=kind) for n, s in sizes))


def toy_context(task: EncodedTask | None = None, *, seed: int = 0, epochs: float = 2.0, **changes):
    """Return what an operator works with: the toy task, and a learning rate that moves weights."""
    fields = {"tokenizer": toy_tokenizer()} | changes
    return Context(task or toy_task(), seed, epochs, 1e-3, **fields)


def toy_tokenizer() -> BertTokenizerFast:
    """Return a word-piece tokenizer with the vocabulary of the tiny models."""
    words = {PAD: "[PAD]", START: "[CLS]", END: "[SEP]", GOOD: "good", BAD: "bad", WORDS: "[UNK]"}
    tokens = [words.get(index, f"word{index}") for index in range(VOCABULARY - 1)] + ["[MASK]"]
    return BertTokenizerFast(vocab={token: index for index, token in enumerate(tokens)})


def logits_of(model, examples: Examples) -> torch.Tensor:
    """Return the logits of all examples in one padded batch."""
    batch = examples.batch(np.arange(len(examples)))
    with torch.inference_mode():
        return model.eval()(batch.ids, batch.mask, batch.token_types).logits
