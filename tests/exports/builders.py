"""Made-up runs with tiny random models to export, and what a program without ours reads of them."""

from pathlib import Path

import numpy as np
import torch
from transformers import BertTokenizerFast

from benchmarks.roundtrip import read_folders
from effexplorer.exports.source import Source
from effexplorer.models.convert import to_numeric
from effexplorer.tasks.registry import find_task
from tests.builders import a_record
from tests.inference.builders import made_exits
from tests.tiny_models import tiny_classifier, toy_tokenizer

TEXTS = ["good word7 word8", "bad", "word9 good word11 word12 bad word13 word14", "unheard"]

# The shapes that exports tell apart: fields of the config that differ from a plain BERT's.
PLAIN = {
    "bert": {},
    "roberta": {"position_offset": 1},
    "distilbert": {"type_vocab_size": 0, "head_activation": "relu"},
    "electra": {"embedding_size": 16, "head_activation": "gelu"},
    "mpnet": {"type_vocab_size": 0, "position_offset": 2, "pad_token_id": 1, "buckets": 32},
}
_NARROW = {"heads": [4, 2, 4], "bias_heads": [[0, 1, 2, 3], [1, 3], [0, 1, 2, 3]]}
ODD = {
    "mean": {"pooling": "mean"},
    "narrow": {"heads": [4, 2, 3], "ffn": [64, 40, 24]},
    "factorised": {"rank": 8},
    "no layers": {"heads": [], "ffn": []},
    "fewer heads": {"heads": [3, 3, 3], "pooling": "mean"},
    "mpnet, narrow": PLAIN["mpnet"] | _NARROW,
}


def a_source(numeric: str = "fp32", *, exits: bool = False, task: str = "sst2", **shape) -> Source:
    """Return a run of a tiny random model of this shape and format, with its toy tokenizer."""
    spec = find_task(task)
    outputs = len(spec.labels) or 1
    if exits:
        model = made_exits(numeric, num_labels=outputs, **shape)
        model.config.threshold = 0.7 if spec.labels else -0.3
    else:
        model = tiny_classifier(num_labels=outputs, **shape)
        model = to_numeric(model, numeric) if numeric != "fp32" else model
    record = a_record("distill(layers=3) > quantize", task=task)
    return Source(record, spec, model.eval(), _tokenizer(shape.get("pad_token_id", 0)), 32)


def _tokenizer(pad: int) -> BertTokenizerFast:
    """Return the toy tokenizer; MPNet's padding has the id 1, not 0."""
    tokenizer = toy_tokenizer()
    if not pad:
        return tokenizer
    swap = {0: pad, pad: 0}
    vocabulary = {token: swap.get(id, id) for token, id in tokenizer.get_vocab().items()}
    return BertTokenizerFast(vocab=dict(sorted(vocabulary.items(), key=lambda item: item[1])))


def logits(source: Source, texts=TEXTS) -> np.ndarray:
    """Return what our own model says of ``texts`` ``(texts, outputs)``."""
    coded = source.tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        return source.model(**coded).logits.numpy()


def read_all(folders: dict[str, tuple[str, Path]], texts=TEXTS) -> dict:
    """Return by name what one process without this program makes of exported folders."""
    return read_folders(folders, texts)
