"""A teacher whose answers are kept: in later epochs it is not asked for the same rows again."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from effexplorer import limits
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.tasks.encoded import Batch, Examples


class Teacher:
    """What ``model`` says of the rows of ``examples``, as it reads them; asked without dropout.

    ``layers`` are those whose hidden states are wanted, 0 for the embeddings. With ``keep`` the
    answers to a row are kept where they were computed, up to ``limits.MAX_TEACHER_BYTES``; what
    does not fit is computed anew each time.
    """

    def __init__(
        self,
        model: SlimBertForSequenceClassification,
        examples: Examples,
        layers: Sequence[int] = (),
        *,
        keep: bool,
    ) -> None:
        self._model, self._examples, self._layers = model, examples, tuple(layers)
        self._room = limits.MAX_TEACHER_BYTES if keep else 0
        self._kept: dict[int, tuple[Tensor, Tensor | None]] = {}

    def answers(self, batch: Batch) -> tuple[Tensor, list[Tensor]]:
        """Return the logits ``(batch, exits, outputs)``, fp32, and for each layer its states.

        These are ``(real tokens, hidden)``, one row of the batch after another.
        """
        device, rows = batch.ids.device, batch.rows.tolist()
        new = [at for at, row in enumerate(rows) if row not in self._kept]
        asked = self._asked(batch, new, device) if new else {}
        kept = [asked.get(row) or self._kept[row] for row in rows]
        logits = torch.stack([logits for logits, _ in kept])
        states = [states for _, states in kept if states is not None]
        return logits, list(torch.cat(states, 1)) if states else []

    @torch.no_grad()
    def _asked(
        self, batch: Batch, new: list[int], device: torch.device
    ) -> dict[int, tuple[Tensor, Tensor | None]]:
        """Return by row the logits ``(exits, outputs)`` and states ``(layers, tokens, hidden)``."""
        seen = self._examples.batch(batch.rows[new]).to(device)
        states = self._model.hidden_states(seen.ids, seen.mask, seen.token_types)
        logits = torch.stack(self._model.exit_logits(states, seen.mask), 1).float()
        lengths = [len(self._examples.ids[row]) for row in seen.rows]
        parts: Sequence[Tensor | None] = [None] * len(new)
        if self._layers:
            real = seen.mask.bool()
            whole = torch.stack([states[layer][real] for layer in self._layers])
            parts = torch.split(whole, lengths, 1)
        answers = dict(zip(seen.rows.tolist(), zip(logits, parts, strict=True), strict=True))
        size = logits.nbytes + sum(part.nbytes for part in parts if part is not None)
        if size <= self._room:
            self._room -= size
            self._kept |= answers
        return answers
