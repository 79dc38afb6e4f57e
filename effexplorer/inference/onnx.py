"""ONNX Runtime as the engine: a session for each exit, all of them on one pool of threads."""

from __future__ import annotations

import contextlib
import threading

import numpy as np
import onnxruntime
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from effexplorer.inference.graph import part
from effexplorer.models.integer_product import has_vnni
from effexplorer.models.slimbert import SlimBertForSequenceClassification

State = dict[str, np.ndarray]  # the next part's inputs


class OnnxEngine:
    """The layers as ONNX Runtime computes them, from graphs that are made in memory.

    In fp32 logits are the model's to 1e-4. In int8 a layer gives the same bits as the model's own
    for the same input, but norms, GELU and softmax differ in their last bit, which decides now and
    then how a number is rounded, and layers amplify that. Of the 1,280 validation rows of SST-2 and
    MRPC the shipped models gave every one the same label and 1,277 the same exit; the other three
    stood within 0.006 of the threshold. A row's answers do not depend on its batch.

    ``signed`` is the layout of int8 weights (see ``inference.graph``): by default what is exact and
    fastest here. All engines of a process share one pool of ``threads``, as many as the first one
    asks for, by default torch's.
    """

    def __init__(
        self,
        model: SlimBertForSequenceClassification,
        *,
        signed: bool | None = None,
        threads: int | None = None,
    ) -> None:
        self.config = model.config
        self.signed = signed_weights() if signed is None else signed
        self.threads = pool_threads(threads or torch.get_num_threads())
        self._sessions = [
            session(part(model, exit, signed=self.signed))
            for exit in range(len(model.config.exit_layers))
        ]

    def begin(self, ids: np.ndarray, token_types: np.ndarray, lengths: np.ndarray) -> State:
        """Return the inputs of the first part."""
        return {"ids": ids, "token_types": token_types} | self._shares(ids.shape[1], lengths)

    def advance(self, exit: int, state: State) -> tuple[State, np.ndarray]:
        """Return the inputs of the part after ``exit``, and the logits."""
        logits, *hidden = self._sessions[exit].run(None, state)
        after = {name: state[name] for name in ("lengths", "share") if name in state}
        return after | dict(zip(("state",), hidden, strict=False)), logits

    def keep(self, state: State, rows: np.ndarray) -> State:
        """Return the state of ``rows``."""
        lengths = state["lengths"][rows]
        hidden = state["state"][:, : lengths.max()][rows]
        return {"state": hidden} | self._shares(hidden.shape[1], lengths)

    def _shares(self, tokens: int, lengths: np.ndarray) -> State:
        if not self.config.has_means:
            return {"lengths": lengths}
        real = np.arange(tokens) < lengths[:, None]
        share = (real / lengths[:, None]).astype(np.float32)[:, None]  # (rows, 1, tokens)
        return {"lengths": lengths, "share": share}


def signed_weights() -> bool:
    """Tell whether signed weights are exact, and so the faster ones, on this processor: with VNNI.

    AVX-VNNI, which laptops have without AVX-512, is as good here as AVX512-VNNI.
    """
    return has_vnni() or bool(torch.cpu.get_capabilities().get("avx_vnni"))


def session(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session on the CPU and on the shared pool of threads."""
    pool_threads(torch.get_num_threads())
    settings = onnxruntime.SessionOptions()
    settings.use_per_session_threads = False
    settings.log_severity_level = 3
    return onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])


def pool_threads(wanted: int) -> int:
    """Return the size of the pool of threads that all sessions share, which is made if need be.

    Pools of their own spin and fight for the cores: 5 times slower, measured. ONNX Runtime makes
    one pool in a process and never another. One that the host program made before is taken as it
    is; how many threads it has is not known, and ``wanted`` is returned.
    """
    with _pool_lock:
        if not _pool:
            with contextlib.suppress(Fail):
                onnxruntime.set_global_thread_pool_sizes(wanted, 1)
            _pool.append(wanted)
        return _pool[0]


_pool: list[int] = []  # its size, once there is one
_pool_lock = threading.Lock()
