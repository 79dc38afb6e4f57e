"""Encoded examples: a task's texts as word pieces, and the batches made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from effexplorer.tasks.encoder import cut, encodings
from effexplorer.tasks.spec import TaskSpec

if TYPE_CHECKING:
    from effexplorer.tasks.data import Split, TaskData

BUCKET = 50  # batches sorted by length together: 95 % of the tokens are real, order stays random


@dataclass(frozen=True)
class Batch:
    """A batch padded on the right.

    ``ids``, ``mask`` and ``token_types`` (None for single sentences) are ``(batch, tokens)``,
    ``labels`` ``(batch,)``; ``rows`` says which examples these are.
    """

    ids: Tensor
    mask: Tensor
    token_types: Tensor | None
    labels: Tensor
    rows: np.ndarray

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on ``device``."""
        types = self.token_types
        return Batch(
            self.ids.to(device),
            self.mask.to(device),
            None if types is None else types.to(device),
            self.labels.to(device),
            self.rows,
        )


@dataclass(frozen=True)
class Examples:
    """Encoded examples: word-piece ids and token types of each, and labels ``(examples,)``.

    ``cut`` tells how many of them were longer than the model reads.
    """

    ids: list[list[int]]
    token_types: list[list[int]] | None
    labels: np.ndarray
    pad: int
    cut: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> np.ndarray:
        """Return the number of word pieces of each example."""
        return np.array([len(row) for row in self.ids])

    def batch(self, rows: np.ndarray) -> Batch:
        """Return the examples ``rows`` as one batch."""
        ids = _padded([self.ids[row] for row in rows], self.pad)
        lengths = torch.tensor([len(self.ids[row]) for row in rows])
        mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
        types = None
        if self.token_types is not None:
            types = _padded([self.token_types[row] for row in rows], 0)
        return Batch(ids, mask, types, torch.from_numpy(self.labels[rows]), rows)

    def in_order_of_length(self, size: int) -> Iterator[Batch]:
        """Yield all examples once, longest first, ``size`` at a time."""
        order = np.argsort(-self.lengths, kind="stable")
        for start in range(0, len(order), size):
            yield self.batch(order[start : start + size])

    def bucketed(self, size: int, random: np.random.Generator) -> list[np.ndarray]:
        """Return one epoch of random batches, as rows, each of examples of similar length."""
        lengths, order = self.lengths, random.permutation(len(self))
        batches = []
        for start in range(0, len(order), size * BUCKET):
            bucket = order[start : start + size * BUCKET]
            bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
            batches += [bucket[at : at + size] for at in range(0, len(bucket), size)]
        return [batches[index] for index in random.permutation(len(batches))]


@dataclass(frozen=True)
class EncodedTask:
    """A task's examples for one tokenizer: to train on, to decide on, and to measure on.

    ``length`` is the number of word pieces that each is cut at.
    """

    spec: TaskSpec
    train: Examples
    held_out: Examples
    validation: Examples
    length: int = 0

    @property
    def outputs(self) -> int:
        """Return the number of outputs of a classifier: one for regression."""
        return len(self.spec.labels) or 1

    @property
    def mean(self) -> float | None:
        """Return the mean of the training targets of a regression; None for classes."""
        return float(self.train.labels.mean()) if self.spec.regression else None

    def cut_sentence(self) -> str:
        """Return how many texts were cut, ``""`` if none was."""
        splits = {"training": self.train, "held-out": self.held_out, "validation": self.validation}
        sentences = [
            f"{split.cut:,} of {len(split):,} {name} texts"
            for name, split in splits.items()
            if split.cut
        ]
        return f"Cut at {self.length} word pieces: {', '.join(sentences)}." if sentences else ""


def encode_task(data: TaskData, tokenizer: Any, places: int | None = None) -> EncodedTask:
    """Return ``data`` as word pieces, cut at the task's or the model's maximum length.

    ``places`` is the number of positions that the model has, where that is known.
    """
    length = max_length(data.spec, tokenizer, places)
    return EncodedTask(
        data.spec,
        train=encode_split(data.train, data.spec, tokenizer, places),
        held_out=encode_split(data.held_out, data.spec, tokenizer, places),
        validation=encode_split(data.validation, data.spec, tokenizer, places),
        length=length,
    )


def encode_split(
    split: Split, spec: TaskSpec, tokenizer: Any, places: int | None = None
) -> Examples:
    """Return one split as word pieces."""
    length, texts = max_length(spec, tokenizer, places), len(split.texts)
    rows = [
        cut(encoding, texts, length, tokenizer.truncation_side)
        for encoding in encodings(split.texts, tokenizer)
    ]
    pairs = texts == 2 and "token_type_ids" in tokenizer.model_input_names
    return Examples(
        ids=[row.ids for row in rows],
        token_types=[row.token_types for row in rows] if pairs else None,
        labels=np.array(split.labels, dtype=np.float32 if spec.regression else np.int64),
        pad=tokenizer.pad_token_id,
        cut=sum(row.cut for row in rows),
    )


def max_length(spec: TaskSpec, tokenizer: Any, places: int | None = None) -> int:
    """Return how many word pieces of a text are read at most."""
    bounds = (spec.max_length, tokenizer.model_max_length, places)
    return int(min(bound for bound in bounds if bound is not None))


def _padded(rows: list[list[int]], fill: int) -> Tensor:
    width = max(map(len, rows))
    padded = np.full((len(rows), width), fill, dtype=np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return torch.from_numpy(padded)
