"""The layers one exit at a time: rows that are sure leave, and nothing more is computed of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from effexplorer.exits.policies import Policy
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.slimbert import SlimBertForSequenceClassification, padded_mask


class Engine(Protocol):
    """What computes a model's layers; ``config`` describes the model.

    ``state`` is an engine's own array ``(rows, tokens, hidden)``. Numpy indices select its rows and
    its tokens.
    """

    config: SlimBertConfig

    def begin(self, ids: np.ndarray, token_types: np.ndarray) -> Any:
        """Return what the first exit goes on from; both arrays are ``(rows, tokens)``, int64."""

    def advance(self, exit: int, state: Any, lengths: np.ndarray) -> tuple[Any, np.ndarray]:
        """Return the state at ``exit``, from that of the exit before, and ``(rows, outputs)``.

        ``lengths`` ``(rows,)``, int32, are the rows' own lengths; tokens after them are padding.
        """


class TorchEngine:
    """The layers as the model itself computes them."""

    def __init__(self, model: SlimBertForSequenceClassification) -> None:
        self.config = model.config
        self._model = model.eval()
        ends = model.config.exit_layers
        layers = list(model.layers)
        self._parts = [layers[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]

    def begin(self, ids: np.ndarray, token_types: np.ndarray) -> torch.Tensor:
        """Return the embeddings ``(rows, tokens, hidden)``."""
        with torch.inference_mode():
            return self._model.embeddings(torch.from_numpy(ids), torch.from_numpy(token_types))

    def advance(
        self, exit: int, state: torch.Tensor, lengths: np.ndarray
    ) -> tuple[torch.Tensor, np.ndarray]:
        """Return the state at ``exit`` and its logits."""
        with torch.inference_mode():
            real = torch.arange(state.shape[1]) < torch.from_numpy(lengths)[:, None]
            mask = padded_mask(real)
            for layer in self._parts[exit]:
                state = layer(state, mask)
            return state, self._model.classify_at(exit, state, real).numpy()


@dataclass(frozen=True)
class Passage:
    """What a batch's way through a model gave.

    ``logits`` is ``(rows, exits, outputs)``, NaN where nothing was computed; ``exits`` ``(rows,)``
    says where each row left, and ``seconds`` ``(exits,)`` how long after the start an exit's
    answers were there, NaN where no row came to.
    """

    logits: np.ndarray
    exits: np.ndarray
    seconds: np.ndarray


def pass_through(
    engine: Engine,
    ids: np.ndarray,
    token_types: np.ndarray,
    lengths: np.ndarray,
    policy: Policy,
    temperatures: np.ndarray,
    *,
    all_exits: bool = False,
) -> Passage:
    """Take a batch through the layers; each row leaves where ``policy`` lets it.

    ``ids`` and ``token_types`` are ``(rows, tokens)``, padded on the right, and ``temperatures``
    ``(exits,)``. The rows left are trimmed to the longest of them. With ``all_exits``, where a row
    leaves is noted but it stays to the end. Either way the answers are those of computing every
    exit first and applying the policy afterwards.
    """
    exits = len(engine.config.exit_layers)
    logits = np.full((len(ids), exits, engine.config.num_labels), np.nan, dtype=np.float32)
    taken, seconds = np.full(len(ids), exits - 1), np.full(exits, np.nan)
    rows = np.arange(len(ids))  # those that are still inside
    start = time.perf_counter()
    state = engine.begin(ids, token_types)
    for exit in range(exits):
        state, logits[rows, exit] = engine.advance(exit, state, lengths)
        so_far = policy.readiness(logits[rows, : exit + 1], temperatures[: exit + 1])
        sure = so_far[:, -1] >= policy.thresholds[exit]
        seconds[exit] = time.perf_counter() - start
        taken[rows[sure]] = np.minimum(taken[rows[sure]], exit)
        if all_exits or exit == exits - 1 or not sure.any():
            continue
        if sure.all():
            break
        stay = np.flatnonzero(~sure)
        rows, lengths = rows[stay], lengths[stay]
        state = state[:, : lengths.max()][stay]
    return Passage(logits, taken, seconds)
