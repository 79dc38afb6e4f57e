from pathlib import Path

import numpy as np
import pytest

from effexplorer.exits.policies import make_policy
from effexplorer.inference.engine import TorchEngine, pass_through
from effexplorer.inference.onnx import OnnxEngine
from tests.inference.builders import arrays, made_exits, made_rows, temperatures

THREADS = Path("/proc/self/task")
FULL = make_policy("full", None, exits=3, regression=False)
SHAPES = {
    "cls": {},
    "mean": {"pooling": "mean"},
    "narrow": {"heads": [4, 1, 2], "ffn": [64, 7, 33]},
    "factorised": {"rank": 8},
    "relu": {"activation": "relu"},
    "silu": {"activation": "silu"},
    "tanh gelu": {"activation": "gelu_new"},
    "offset": {"position_offset": 2, "max_position_embeddings": 50},
    "position bias": {"buckets": 32, "type_vocab_size": 0},
    "narrow position bias": {
        "buckets": 32,
        "heads": [4, 1, 2],
        "bias_heads": [[0, 1, 2, 3], [2], [3, 0]],
    },
}


def both(model, rows):
    batch, scale = arrays(rows), temperatures(model)
    return [
        pass_through(engine, *batch, FULL, scale).logits
        for engine in (TorchEngine(model), OnnxEngine(model))
    ]


@pytest.mark.parametrize("numeric", ["fp32", "int4", "int2"])
@pytest.mark.parametrize("shape", SHAPES)
def test_logits_are_those_of_the_model(numeric, shape):
    ours, theirs = both(made_exits(numeric, **SHAPES[shape]), made_rows([12, 30, 7, 21, 3]))
    np.testing.assert_allclose(theirs, ours, atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_int8_logits_differ_less_than_int8_differs_from_fp32(shape):
    rows = made_rows([12, 30, 7, 21, 3, 17, 9, 35])
    torch_int8, onnx_int8 = both(made_exits("int8", **SHAPES[shape]), rows)
    fp32 = pass_through(
        TorchEngine(made_exits(**SHAPES[shape])), *arrays(rows), FULL, np.ones(3)
    ).logits
    moved = np.abs(onnx_int8 - torch_int8).mean()
    assert moved < np.abs(torch_int8 - fp32).mean()


def test_a_model_with_fewer_exits_than_layers_is_parted_at_its_exits():
    model = made_exits()
    model.config.exits, model.config.temperatures = [2], [1.0, 1.0]
    del model.exits[0]
    batch = arrays(made_rows([12, 30, 7]))
    full = make_policy("full", None, exits=2, regression=False)
    one, other = (
        pass_through(engine, *batch, full, np.ones(2)).logits
        for engine in (TorchEngine(model), OnnxEngine(model))
    )
    assert one.shape == (3, 2, 2)
    np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.skipif(not THREADS.is_dir(), reason="a system that does not list threads")
def test_another_model_brings_no_threads_of_its_own():
    OnnxEngine(made_exits())
    before = len(list(THREADS.iterdir()))
    engines = [OnnxEngine(made_exits(seed=seed)) for seed in (1, 2)]
    assert len(list(THREADS.iterdir())) == before and engines
