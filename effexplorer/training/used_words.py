"""Training with only the word vectors that the training data use.

Half of a small model are word vectors, and an optimizer goes through all of them at every step. A
small data set uses a few thousand of 30,522; the others have no gradient and stay as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.tasks.encoded import Examples


class _UsedWords(nn.Module):
    """The rows ``words`` (in rising order) of a table, asked by the ids of the whole one."""

    place: Tensor

    def __init__(self, whole: nn.Embedding, words: Tensor) -> None:
        super().__init__()
        self.table = copy.copy(whole)  # the same kind, which rounds as it does
        self.table._parameters = {"weight": nn.Parameter(whole.weight.data[words])}
        place = torch.full((whole.num_embeddings,), -1)
        place[words] = torch.arange(len(words))
        self.register_buffer("place", place, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Return ``(batch, tokens, width)`` of ids ``(batch, tokens)``."""
        vectors: Tensor = self.table(self.place[ids])
        return vectors


@contextmanager
def used_words_alone(model: nn.Module, examples: Examples) -> Iterator[None]:
    """Let ``model`` hold the word vectors that ``examples`` use, and no others, meanwhile.

    Afterwards its table is whole again, with what these have learned; it is the same object. A
    model that is no SlimBert, or whose word vectors do not learn, stays as it is.
    """
    embeddings = model.embeddings if isinstance(model, SlimBertForSequenceClassification) else None
    whole = embeddings.word if embeddings else None
    if not embeddings or not isinstance(whole, nn.Embedding) or not whole.weight.requires_grad:
        yield
        return
    words = torch.from_numpy(
        np.unique(np.concatenate([[examples.pad], *examples.ids]).astype(np.int64))
    )
    used = _UsedWords(whole, words)
    embeddings.word = used  # type: ignore[assignment]  # stands for a table meanwhile
    try:
        yield
    finally:
        embeddings.word = whole
        with torch.no_grad():
            whole.weight[words] = used.table.weight.to(whole.weight)
