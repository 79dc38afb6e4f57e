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

State = dict[str, np.ndarray] | np.ndarray  # the first part's inputs, or (rows, tokens, hidden)


class OnnxEngine:
    """The layers as ONNX Runtime computes them, from graphs that are made in memory.

    In fp32 logits are those of the model to 1e-4. In int8 both multiply the same integers, but the
    last bit of a norm decides now and then how a number is rounded, and layers amplify that: logits
    move by about as much as int8 moves them from fp32. A row's answers do not depend on its batch.
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

    def begin(self, ids: np.ndarray, token_types: np.ndarray) -> State:
        """Return the inputs of the first part."""
        return {"ids": ids, "token_types": token_types}

    def advance(self, exit: int, state: State, lengths: np.ndarray) -> tuple[State, np.ndarray]:
        """Return the state at ``exit`` and its logits."""
        inputs = {"lengths": lengths} | (state if isinstance(state, dict) else {"state": state})
        if self.config.pooling == "mean":
            tokens = (state["ids"] if isinstance(state, dict) else state).shape[1]
            real = np.arange(tokens) < lengths[:, None]
            inputs["share"] = (real / lengths[:, None]).astype(np.float32)[:, None]
        logits, *after = self._sessions[exit].run(None, inputs)
        return after[0] if after else state, logits


@functools.cache
def _share_one_pool() -> None:
    """Make the pool of threads that all sessions share, with as many as torch has.

    Pools of their own spin and fight for the cores: 5 times slower, measured. A pool that the host
    program made before is taken as it is.
    """
    with contextlib.suppress(Fail):
        onnxruntime.set_global_thread_pool_sizes(torch.get_num_threads(), 1)
