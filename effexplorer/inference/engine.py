"""The layers one exit at a time: rows that are sure leave, and nothing more is computed of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from effexplorer.exits.policies import Policy
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.slimbert import SlimBertForSequenceClassification, padded_mask


class Engine(Protocol):
    """What computes a model's layers; ``config`` describes the model, a state is the engine's own.

    A batch is ``ids`` and ``token_types`` ``(rows, tokens)``, int64, padded on the right, and the
    rows' own ``lengths`` ``(rows,)``, int32.
    """

    config: SlimBertConfig

    def begin(self, ids: np.ndarray, token_types: np.ndarray, lengths: np.ndarray) -> Any:
        """Return the state that the first exit goes on from."""

    def advance(self, exit: int, state: Any) -> tuple[Any, np.ndarray]:
        """Return the state at ``exit``, from that of the exit before, and ``(rows, outputs)``."""

    def keep(self, state: Any, rows: np.ndarray) -> Any:
        """Return the state of the rows with these indices, trimmed to the longest of them."""


class _State(NamedTuple):
    hidden: torch.Tensor  # (rows, tokens, hidden)
    lengths: np.ndarray
    real: torch.Tensor  # (rows, tokens)
    mask: torch.Tensor  # as the layers take it


class TorchEngine:
    """The layers as the model itself computes them."""

    def __init__(self, model: SlimBertForSequenceClassification) -> None:
        self.config = model.config
        self._model = model.eval()
        ends = model.config.exit_layers
        layers = list(model.layers)
        self._parts = [layers[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]

    @torch.inference_mode()
    def begin(self, ids: np.ndarray, token_types: np.ndarray, lengths: np.ndarray) -> _State:
        """Return the embeddings and the masks."""
        inputs = torch.from_numpy(ids), torch.from_numpy(token_types)
        return self._masked(self._model.embeddings(*inputs), lengths)

    @torch.inference_mode()
    def advance(self, exit: int, state: _State) -> tuple[_State, np.ndarray]:
        """Return the state at ``exit`` and its logits."""
        hidden, lengths, real, mask = state
        for layer in self._parts[exit]:
            hidden = layer(hidden, mask)
        logits = self._model.classify_at(exit, hidden, real).numpy()
        return _State(hidden, lengths, real, mask), logits

    @torch.inference_mode()
    def keep(self, state: _State, rows: np.ndarray) -> _State:
        """Return the state of ``rows``."""
        lengths = state.lengths[rows]
        return self._masked(state.hidden[:, : lengths.max()][rows], lengths)

    def _masked(self, hidden: torch.Tensor, lengths: np.ndarray) -> _State:
        real = torch.arange(hidden.shape[1]) < torch.from_numpy(lengths)[:, None]
        mask = self._model.biased(padded_mask(real), hidden.shape[1])
        return _State(hidden, lengths, real, mask)


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
    last, outputs = len(engine.config.exit_layers) - 1, engine.config.num_labels
    logits = np.full((len(ids), last + 1, outputs), np.nan, dtype=np.float32)
    taken, seconds = np.full(len(ids), last), np.full(last + 1, np.nan)
    rows, inside = np.arange(len(ids)), logits.copy()  # who has not left, and what they were told
    start = time.perf_counter()
    state = engine.begin(ids, token_types, lengths)
    for exit in range(last + 1):
        state, inside[:, exit] = engine.advance(exit, state)
        sure = _sure(policy, inside[:, : exit + 1], temperatures) if exit < last else None
        seconds[exit] = time.perf_counter() - start
        if sure is None or not sure.any():
            continue
        taken[rows[sure]] = np.minimum(taken[rows[sure]], exit)
        if all_exits:
            continue
        logits[rows[sure]] = inside[sure]
        stay = np.flatnonzero(~sure)
        rows, inside = rows[stay], inside[stay]
        if not len(rows):
            break
        state = engine.keep(state, stay)
    logits[rows] = inside
    return Passage(logits, taken, seconds)


def _sure(policy: Policy, logits: np.ndarray, temperatures: np.ndarray) -> np.ndarray | None:
    """Return ``(rows,)``: who may leave at the last exit of ``logits``; None if nobody ever may."""
    exits = logits.shape[1]
    threshold = policy.thresholds[exits - 1]
    if threshold == np.inf:
        return None
    sure: np.ndarray = policy.readiness(logits, temperatures[:exits])[:, -1] >= threshold
    return sure
