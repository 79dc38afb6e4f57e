"""ONNX Runtime as the engine: a session for each exit, all of them on one pool of threads."""

from __future__ import annotations

import contextlib
import functools

import numpy as np
import onnxruntime
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from effexplorer.inference.graph import part
from effexplorer.models.slimbert import SlimBertForSequenceClassification

State = dict[str, np.ndarray]  # the next part's inputs


class OnnxEngine:
    """The layers as ONNX Runtime computes them, from graphs that are made in memory.

    In fp32 logits are those of the model to 1e-4. In int8 both multiply the same integers, but the
    last bit of a norm decides now and then how a number is rounded, and layers amplify that: logits
    move by less than int8 moves them from fp32. Of SST-2's 872 validation sentences a six-exit
    MiniLM gave every one the same label and 871 the same exit; no probability moved by more than
    0.02. A row's answers do not depend on its batch.
    """

    def __init__(self, model: SlimBertForSequenceClassification) -> None:
        self.config = model.config
        _share_one_pool()
        settings = onnxruntime.SessionOptions()
        settings.use_per_session_threads = False
        settings.log_severity_level = 3
        self._sessions = [
            onnxruntime.InferenceSession(
                part(model, exit), settings, providers=["CPUExecutionProvider"]
            )
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
        if self.config.pooling != "mean":
            return {"lengths": lengths}
        real = np.arange(tokens) < lengths[:, None]
        share = (real / lengths[:, None]).astype(np.float32)[:, None]  # (rows, 1, tokens)
        return {"lengths": lengths, "share": share}


@functools.cache
def _share_one_pool() -> None:
    """Make the pool of threads that all sessions share, with as many as torch has.

    Pools of their own spin and fight for the cores: 5 times slower, measured. A pool that the host
    program made before is taken as it is.
    """
    with contextlib.suppress(Fail):
        onnxruntime.set_global_thread_pool_sizes(torch.get_num_threads(), 1)
