"""How a model stands on disk: config.json and one model.safetensors, sparse matrices packed.

A matrix of a sparse model is stored as ``NAME.mask``, one bit per weight, and ``NAME.kept``, the
values whose bit is set, row after row. Kept levels of 4 and 2 bits are packed again. A matrix whose
mask would cost more than its zeros save is stored as it is.
"""

import os
import re
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from safetensors.torch import save as serialized
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.utils import cached_file

from effexplorer.errors import UserError
from effexplorer.models.formats import Linear, PackedWeight, pack_levels, unpack_levels

WEIGHTS = "model.safetensors"
_METADATA = {"format": "pt"}
_SYSTEM_ERROR = re.compile(r"os error (\d+)")


def save(model: PreTrainedModel, folder: str | Path) -> None:
    """Write ``model`` into ``folder``, which is made if it is missing."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    try:
        save_file(_stored(model), folder / WEIGHTS, metadata=_METADATA)
    except SafetensorError as error:  # its own words for what the system said
        number = _SYSTEM_ERROR.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), WEIGHTS) from error


def stored_bytes(model: PreTrainedModel) -> int:
    """Return the size of the weight file that ``save`` writes; nothing is written."""
    return len(serialized(_stored(model), metadata=_METADATA))


def fill(model: PreTrainedModel, folder: str | Path) -> None:
    """Load into ``model`` the weights that ``save`` wrote into ``folder`` (or a hub id).

    Raises UserError when the file is missing, damaged or of another shape.
    """
    path = Path(folder) / WEIGHTS
    try:
        state = load_file(path if path.is_file() else cached_file(str(folder), WEIGHTS))
        if model.config.sparse:
            for name, module in encoder_matrices(model).items():
                if f"{name}.mask" in state:
                    _unpack(state, name, module)
        model.load_state_dict(state)
    except (OSError, SafetensorError, LookupError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(f"{WEIGHTS}: must be the whole file that was saved; {reason}.") from error


def encoder_matrices(model: PreTrainedModel) -> dict[str, Linear]:
    """Return by name the linear layers of the encoder, the ones that pruning thins out."""
    names = ("qkv", "output", "up", "down")
    return {
        f"layers.{index}.{name}": getattr(layer, name)
        for index, layer in enumerate(model.layers)
        for name in names
    }


def encoder_weights(model: PreTrainedModel) -> list[nn.Parameter]:
    """Return the weights of the encoder's linear layers, of a model that can be trained."""
    return [matrix.get_parameter("weight") for matrix in encoder_matrices(model).values()]


def _stored(model: PreTrainedModel) -> dict[str, Tensor]:
    """Return the tensors of ``model`` as they stand in its file."""
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    if model.config.sparse:
        for name, module in encoder_matrices(model).items():
            _pack(state, name, module)
    return state


def _pack(state: dict[str, Tensor], name: str, module: Linear) -> None:
    if isinstance(module, PackedWeight):
        whole = f"{name}.packed"
        levels = module.levels()
        mask = (levels != module.zero).flatten()
        kept = pack_levels(levels.flatten()[mask], module.bits)
    else:
        whole = f"{name}.weight"
        mask = (module.weight != 0).flatten()
        kept = module.weight.detach().flatten()[mask]
    bits = torch.from_numpy(np.packbits(mask.numpy()))
    if bits.nbytes + kept.nbytes < state[whole].nbytes:
        del state[whole]
        state[f"{name}.mask"], state[f"{name}.kept"] = bits, kept


def _unpack(state: dict[str, Tensor], name: str, module: Linear) -> None:
    bits, kept = state.pop(f"{name}.mask"), state.pop(f"{name}.kept")
    if isinstance(module, PackedWeight):
        size = module.scale.numel() * module.group
    else:
        size = module.weight.numel()
    if len(bits) != -(-size // 8):
        raise ValueError(f"{name}.mask has {len(bits)} bytes for {size} weights")
    mask = torch.from_numpy(np.unpackbits(bits.numpy(), count=size)).bool()
    if isinstance(module, PackedWeight):
        levels = state[f"{name}.zero"].repeat(1, module.group)  # (groups, 128)
        levels[mask.view_as(levels)] = unpack_levels(kept, module.bits)[: int(mask.sum())]
        state[f"{name}.packed"] = pack_levels(levels, module.bits)
    else:
        weight = torch.zeros(size, dtype=kept.dtype)
        weight[mask] = kept
        state[f"{name}.weight"] = weight.view_as(module.weight)
