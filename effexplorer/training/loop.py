"""The one training loop: length-bucketed batches, bf16 where there is some, a loss passed in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from effexplorer.errors import Cancelled, UserError
from effexplorer.records.events import Report, RunEvent
from effexplorer.tasks.encoded import Batch, Examples
from effexplorer.training.device import on_device, training_device
from effexplorer.training.schedule import BATCH, steps
from effexplorer.training.used_words import used_words_alone

WARMUP = 0.1  # share of the steps in which the learning rate grows
WEIGHT_DECAY = 0.01
CLIP = 1.0
REPORT_SECONDS = 0.25


def train(
    model: nn.Module,
    examples: Examples,
    loss: Callable[[Batch], Tensor],
    *,
    epochs: float,
    learning_rate: float,
    seed: int,
    teachers: Sequence[nn.Module] = (),
    after_step: Callable[[float], None] = lambda done: None,
    report: Report = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Train ``model`` in place for ``epochs`` passes over ``examples``.

    ``loss`` gives the mean loss of a batch, a scalar. The batch, ``model`` and the ``teachers``
    that the loss asks are then on the training device. ``after_step`` is called after every step
    with the share of all steps that are done, 0 to 1. AdamW with linear warm-up and decay, and
    gradients clipped to norm 1. Word vectors that no example uses stay as they are. The same
    arguments give the same weights on a CPU with the same number of threads. Raises Cancelled
    between two steps once ``cancelled()`` is true, and UserError when the training diverges.
    """
    random = np.random.default_rng(seed)
    batches = _batches(examples, epochs, random)
    sentences, total, reported = 0, sum(map(len, batches)), 0.0
    model.train()
    with (
        used_words_alone(model, examples),
        on_device(model, *teachers) as device,
        torch.random.fork_rng(devices=[]),
    ):
        optimizer = torch.optim.AdamW(_groups(model), lr=learning_rate, fused=True)
        rate = torch.optim.lr_scheduler.LambdaLR(optimizer, _schedule(len(batches)))
        torch.manual_seed(seed)
        for step, rows in enumerate(batches, start=1):
            if cancelled():
                raise Cancelled
            with precision(device):
                value = loss(examples.batch(rows).to(device))
            value.backward()  # type: ignore[no-untyped-call]  # torch's own has no hints
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            rate.step()
            optimizer.zero_grad()
            after_step(step / len(batches))
            sentences += len(rows)
            if time.monotonic() - reported >= REPORT_SECONDS or step == len(batches):
                reported = time.monotonic()
                report(_progress(sentences, total, value.item()))
    model.eval()


def _progress(done: int, total: int, loss: float) -> RunEvent:
    if not math.isfinite(loss):
        raise UserError(f"training: the loss must stay finite; got {loss} after {done} rows.")
    return {"kind": "progress", "done": done, "total": total, "loss": loss}


def precision(device: torch.device) -> torch.autocast:
    """Return the autocast that losses are computed in: bf16 where ``device`` multiplies it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bf16(device))


def has_bf16(device: torch.device) -> bool:
    """Tell whether ``device`` multiplies bfloat16 matrices in hardware."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return torch.ops.mkldnn._is_mkldnn_bf16_supported() and torch.cpu._is_avx512_bf16_supported()


def arithmetic() -> dict[str, Any]:
    """Return what decides here how sums come out: the instruction set, and whether bf16 is used."""
    vnni = " VNNI" * torch.cpu._is_vnni_supported()  # int8 products then never saturate
    return {
        "instructions": torch.backends.cpu.get_cpu_capability() + vnni,
        "bf16": has_bf16(training_device()),
    }


def _batches(examples: Examples, epochs: float, random: np.random.Generator) -> list[np.ndarray]:
    wanted = steps(len(examples), epochs)
    batches: list[np.ndarray] = []
    while len(batches) < wanted:
        batches += examples.bucketed(BATCH, random)
    return batches[:wanted]


def _groups(model: nn.Module) -> list[dict[str, Any]]:
    """Return the parameters that learn: matrices with weight decay, biases and norms without."""
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {
            "params": [parameter for parameter in learning if parameter.ndim > 1],
            "weight_decay": WEIGHT_DECAY,
        },
        {
            "params": [parameter for parameter in learning if parameter.ndim <= 1],
            "weight_decay": 0.0,
        },
    ]


def _schedule(total: int) -> Callable[[int], float]:
    warmup = max(1, round(WARMUP * total))

    def factor(step: int) -> float:
        return min((step + 1) / warmup, (total - step) / max(1, total - warmup))

    return factor
