"""A pretended CUDA device: tensors on the CPU, of which some are said to be elsewhere.

Real numbers are computed, and whatever would fail on a machine with a GPU fails here: an operation
on tensors of both places, and numpy on what is elsewhere.
"""

from __future__ import annotations

from contextlib import contextmanager

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves

from effexplorer.training import device, loop

CUDA = torch.device("cuda:0")


class _Places:
    """Which storages are elsewhere; they are held, so that none is another's later."""

    def __init__(self) -> None:
        self._held: dict[int, torch.UntypedStorage] = {}
        self.moved = 0

    def elsewhere(self, tensor: torch.Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self._held

    def move(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        self._held[storage._cdata] = storage
        self.moved += 1


class _Operations(TorchDispatchMode):
    """Refuse operations on tensors of both places; results are where their inputs are."""

    def __init__(self, places: _Places) -> None:
        super().__init__()
        self._places = places

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        found = {self._places.elsewhere(one) for one in given if one.dim()}
        there = any(map(self._places.elsewhere, given))
        if len(found) > 1 or (there and found == {False}):  # a scalar may come from the CPU alone
            raise RuntimeError(f"{func}: expected all tensors to be on the same device")
        result = func(*args, **(kwargs or {}))
        if there:
            for leaf in tree_leaves(result):
                if isinstance(leaf, torch.Tensor):
                    self._places.move(leaf)
        return result


class _Moves(TorchFunctionMode):
    """Understand ``to``, ``cpu``, ``device`` and ``numpy`` as if there were another device."""

    def __init__(self, places: _Places) -> None:
        super().__init__()
        self._places = places

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func == torch.Tensor.device.__get__:
            return CUDA if self._places.elsewhere(args[0]) else torch.device("cpu")
        if func == torch.Tensor.numpy and self._places.elsewhere(args[0]):
            raise TypeError("can't convert a tensor that is elsewhere to numpy")
        if func in (torch.Tensor.to, torch.Tensor.cpu):
            named = ["cpu"] if func == torch.Tensor.cpu else [*args[1:], *kwargs.values()]
            for one in named:
                if isinstance(one, (str, torch.device)):
                    return self._moved(args[0], torch.device(one))
        if torch.device(kwargs.get("device") or "cpu").type == "cuda":
            made = func(*args, **kwargs | {"device": "cpu"})
            self._places.move(made)
            return made
        return func(*args, **kwargs)

    def _moved(self, tensor: torch.Tensor, to: torch.device) -> torch.Tensor:
        there = to.type == "cuda"
        if there == self._places.elsewhere(tensor):
            return tensor
        with _disable_current_modes():
            copy = tensor.detach().clone()
        if there:
            self._places.move(copy)
        return copy


@contextmanager
def a_pretended_gpu(monkeypatch):
    """Let trainings find a CUDA device; give the count of tensors that were made or put there."""
    places = _Places()
    on_cpu = loop.precision
    with monkeypatch.context() as patch:
        patch.setattr(device, "training_device", lambda: CUDA)
        patch.setattr(loop, "precision", lambda _: on_cpu(torch.device("cpu")))
        with _Moves(places), _Operations(places):
            yield places
