from types import SimpleNamespace

import numpy as np
import pytest
import torch

from effexplorer import limits
from effexplorer.inference import latency as timing
from effexplorer.inference.int8_check import Int8Check, check_int8
from effexplorer.inference.latency import LATENCY_THREADS, engine_of, latency
from effexplorer.models.convert import to_numeric
from effexplorer.models.integer_product import KERNELS
from tests.inference.builders import made_exits, made_rows
from tests.tiny_models import tiny_classifier, toy_examples


@pytest.fixture(autouse=True)
def few_sentences(monkeypatch):
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 7)


@pytest.fixture
def in_pytorch(monkeypatch):
    monkeypatch.setattr(limits, "MAX_GRAPH_BYTES", 0)


def test_latency_is_onnx_runtimes_where_it_can_take_the_model():
    fields = latency(tiny_classifier(), toy_examples(10))
    assert fields["engine"] == "onnx" and "kernel" not in fields
    assert 0 < fields["latency_ms"] <= fields["latency_p95_ms"]


@pytest.mark.parametrize("numeric", ["fp32", "int8", "int4"])
def test_a_model_too_large_for_a_graph_is_pytorchs(monkeypatch, numeric):
    model = tiny_classifier()
    model = model if numeric == "fp32" else to_numeric(model, numeric)
    assert engine_of(model) == "onnx"
    monkeypatch.setattr(limits, "MAX_GRAPH_BYTES", 10_000)
    assert engine_of(model) == "torch"


def test_sentences_are_timed_one_at_a_time_on_one_thread(monkeypatch, in_pytorch):
    model, seen, threads = tiny_classifier(), [], torch.get_num_threads()
    model.embeddings.register_forward_pre_hook(lambda _, args: seen.append(len(args[0])))
    model.embeddings.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    fields = latency(model, toy_examples(10))
    assert set(seen[::2]) == {1} and set(seen[1::2]) == {LATENCY_THREADS}
    assert torch.get_num_threads() == threads
    assert fields["engine"] == "torch" and fields["threads"] == LATENCY_THREADS


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_an_int8_stage_names_its_kernel_and_what_that_takes(monkeypatch, engine):
    monkeypatch.setattr(timing, "engine_of", lambda model: engine)
    fields = latency(made_exits("int8"), made_rows([5, 9, 12]))
    check = check_int8(engine)
    assert (fields["kernel"], fields["kernel_ratio"]) == (check.kernel, check.ratio)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_the_kernel_of_each_engine_is_exact(engine):
    check = check_int8(engine)
    assert check.exact and check.ratio > 0


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_that_was_asked_for_is_the_one_that_is_tried(monkeypatch, name):
    monkeypatch.setenv("EFFEXPLORER_INTEGER_KERNEL", name)
    check_int8.cache_clear()
    try:
        assert check_int8("torch").kernel == name
    finally:
        check_int8.cache_clear()


@pytest.mark.parametrize(("ratio", "slower"), [(0.9, False), (1.2, True)])
def test_a_kernel_that_is_slower_than_fp32_says_so(ratio, slower):
    assert ("slower than fp32" in Int8Check("float_pieces", True, ratio).text) is slower


def test_latency_has_a_sentence_of_every_length_that_is_there(monkeypatch, in_pytorch):
    model, lengths = tiny_classifier(), []
    model.embeddings.register_forward_pre_hook(lambda _, args: lengths.append(args[0].shape[1]))
    latency(model, made_rows([5, 9, 12]))
    assert set(np.unique(lengths)) == {5, 9, 12}


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_leaving_early_takes_the_time_to_the_exits_where_sentences_leave(monkeypatch, engine):
    monkeypatch.setattr(timing, "engine_of", lambda model: engine)
    times = np.array([[1.0, 2.0, 4.0], [3.0, 4.0, 6.0]])
    monkeypatch.setattr(timing, "_timed", lambda *_: times)
    exits = [SimpleNamespace(share=share) for share in (50.0, 30.0, 20.0)]
    measured = {"exits": exits, "operating": {"score": 90.0}}
    fields = latency(made_exits("fp32"), made_rows([5, 9, 12]), measured=measured)
    assert fields["operating"] == {"score": 90.0, "latency_ms": pytest.approx(2.9)}
    assert fields["latency_ms"] == 5.0


def test_the_time_to_an_exit_grows_with_its_depth(in_pytorch):
    model = made_exits("fp32")
    times = timing._timed(timing.TorchEngine(model), made_rows([5, 9, 12]))
    assert times.shape[1] == len(model.config.exit_layers)
    assert (np.diff(times, axis=1) > 0).all()
