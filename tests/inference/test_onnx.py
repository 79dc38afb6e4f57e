from pathlib import Path

import numpy as np
import pytest
import torch

from effexplorer.exits.policies import make_policy
from effexplorer.inference import onnx
from effexplorer.inference.engine import TorchEngine, pass_through
from effexplorer.inference.graph import linear_layer
from effexplorer.inference.onnx import OnnxEngine, session, signed_weights
from effexplorer.models.formats import Int8Linear
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
    "relu head": {"head_activation": "relu"},
    "gelu head": {"head_activation": "gelu", "embedding_size": 16},
    "position bias": {"buckets": 32, "type_vocab_size": 0},
    "narrow position bias": {
        "buckets": 32,
        "heads": [4, 1, 2],
        "bias_heads": [[0, 1, 2, 3], [2], [3, 0]],
    },
}


# Unsigned weights are exact everywhere; signed ones where there is VNNI.
LAYOUTS = [False, *([True] if signed_weights() else [])]
EDGES = {"random": None, "all 127": (127, 127), "all -127": (-127, -127), "opposite": (127, -127)}


def both(model, rows, signed=None):
    batch, scale = arrays(rows), temperatures(model)
    return [
        pass_through(engine, *batch, FULL, scale).logits
        for engine in (TorchEngine(model), OnnxEngine(model, signed=signed))
    ]


def int8_layer(weight) -> Int8Linear:
    layer = Int8Linear(*weight.shape[::-1])
    layer.weight.copy_(torch.as_tensor(weight))
    return layer


def onnx_product(layer, x, *, signed):
    return session(linear_layer(layer, signed=signed)).run(None, {"x": x.numpy()})[0]


@pytest.mark.parametrize("signed", LAYOUTS)
@pytest.mark.parametrize("rows", [1, 6])
@pytest.mark.parametrize("inputs", [1, 37, 384, 4096])
@pytest.mark.parametrize("edge", EDGES)
def test_onnx_runtime_multiplies_the_integers(edge, inputs, rows, signed):
    random = np.random.default_rng(0)
    levels, weight = (random.integers(-127, 128, (n, inputs)) for n in (rows, 33))
    levels[:, 0] = 127  # so that a step is 1 and x its own level
    if EDGES[edge]:
        levels[:], weight[:] = EDGES[edge]
    x = torch.tensor(levels, dtype=torch.float32)
    product = onnx_product(int8_layer(weight), x, signed=signed)
    np.testing.assert_array_equal(product, (levels @ weight.T).astype(np.float32))


@pytest.mark.parametrize("signed", LAYOUTS)
def test_an_int8_layer_gives_the_same_bits_in_both_engines(signed):
    chance = torch.Generator().manual_seed(0)
    layer, x = Int8Linear(384, 96), torch.randn(20, 384, generator=chance)
    layer.fill(torch.randn(96, 384, generator=chance))
    layer.bias.data.copy_(torch.randn(96, generator=chance))
    ours = layer(x).detach().numpy()
    np.testing.assert_array_equal(onnx_product(layer, x, signed=signed), ours)


@pytest.mark.parametrize(
    ("avx512", "avx", "signed"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_weights_are_signed_where_the_processor_has_vnni(monkeypatch, avx512, avx, signed):
    monkeypatch.setattr(onnx, "has_vnni", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx_vnni": avx})
    assert signed_weights() is signed
    assert OnnxEngine(made_exits("int8")).signed is signed


@pytest.mark.parametrize("numeric", ["fp32", "int4", "int2"])
@pytest.mark.parametrize("shape", SHAPES)
def test_logits_are_those_of_the_model(numeric, shape):
    ours, theirs = both(made_exits(numeric, **SHAPES[shape]), made_rows([12, 30, 7, 21, 3]))
    np.testing.assert_allclose(theirs, ours, atol=1e-4)


@pytest.mark.parametrize("signed", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_int8_logits_differ_less_than_int8_differs_from_fp32(shape, signed):
    rows = made_rows([12, 30, 7, 21, 3, 17, 9, 35])
    torch_int8, onnx_int8 = both(made_exits("int8", **SHAPES[shape]), rows, signed)
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


def test_engines_share_the_pool_of_the_first():
    threads = OnnxEngine(made_exits()).threads
    assert OnnxEngine(made_exits(), threads=threads + 1).threads == threads


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("numeric", ["fp32", "int8"])
def test_an_exit_before_any_layer_says_the_same_in_both_engines(pooling, numeric):
    model = made_exits(numeric, first=0, pooling=pooling)
    assert model.config.exit_layers == [0, 1, 2, 3]
    given = (
        *arrays(made_rows([3, 9, 14, 20])),
        make_policy("full", None, exits=4, regression=False),
    )
    ours = pass_through(TorchEngine(model), *given, temperatures(model)).logits
    theirs = pass_through(OnnxEngine(model), *given, temperatures(model)).logits
    np.testing.assert_allclose(theirs, ours, atol=1e-4 if numeric == "fp32" else 0.05)


def test_before_any_layer_the_mean_is_read_whatever_the_pooling():
    model, rows = made_exits(first=0, pooling="cls"), made_rows([3, 9])
    ids, types, lengths = arrays(rows)
    state = model.embeddings(torch.from_numpy(ids), torch.from_numpy(types))
    means = torch.stack([one[:n].mean(0) for one, n in zip(state, lengths, strict=True)])
    wanted = model.exits[0](torch.tanh(means)).detach().numpy()
    policy = make_policy("full", None, exits=4, regression=False)
    engine = TorchEngine(model)
    found = pass_through(engine, ids, types, lengths, policy, temperatures(model)).logits[:, 0]
    np.testing.assert_allclose(found, wanted, atol=1e-5)
