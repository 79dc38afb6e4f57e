"""The device that models are trained on: a CUDA one where there is one, else the CPU.

Models are made, measured, converted to integers and saved on the CPU; only inside ``on_device``
they stand elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from effexplorer.errors import UserError

if TYPE_CHECKING:
    import torch
    from torch import nn


def training_device() -> torch.device:
    """Return the device that ``EFFEXPLORER_DEVICE`` names, else the first CUDA one, else the CPU.

    Raises UserError for a name that is none, or a device that this machine does not have.
    """
    import torch

    asked = os.environ.get("EFFEXPLORER_DEVICE", "")
    if asked and not re.fullmatch(r"cpu|cuda(:\d{1,3})?", asked):
        raise UserError(f"EFFEXPLORER_DEVICE: must be cpu, cuda or cuda:N; got {asked[:40]}.")
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    device = torch.device(asked or ("cuda" if devices else "cpu"))
    if device.type == "cuda" and (device.index or 0) >= devices:
        raise UserError(
            f"EFFEXPLORER_DEVICE: must be a device of this machine, which has {devices} of CUDA; "
            f"got {asked}."
        )
    return device


def gpu_name() -> str:
    """Return the name of the GPU that models are trained on here, or an empty one for the CPU."""
    import torch

    device = training_device()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else ""


@contextmanager
def on_device(*models: nn.Module) -> Iterator[torch.device]:
    """Let ``models`` stand on the training device, which is given; then they are on the CPU again.

    Their parameters stay the same objects, but not the tensors inside these.
    """
    device = training_device()
    try:
        for model in models:
            model.to(device)
        yield device
    finally:
        for model in models:
            model.to("cpu")
