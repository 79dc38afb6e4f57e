"""Training on another device: nothing is left behind, and the same comes out."""

import numpy as np
import pytest
import torch

from effexplorer.errors import UserError
from effexplorer.measure import predict
from effexplorer.models.convert import to_numeric
from effexplorer.models.slimbert import task_loss
from effexplorer.operators.finetune import fine_tune
from effexplorer.pipeline import parse_steps
from effexplorer.records import provenance
from effexplorer.training import device
from effexplorer.training.device import gpu_name, on_device, training_device
from tests.fake_gpu import CUDA, a_pretended_gpu
from tests.tiny_models import logits_of, tiny_classifier, toy_context, toy_examples, toy_task


def test_without_a_gpu_the_cpu_trains():
    assert training_device() == torch.device("cpu") and gpu_name() == ""
    assert "gpu" not in provenance.machine(1)


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda one: f"GPU {one.index or 0}")


@pytest.mark.parametrize(
    ("asked", "found", "name"),
    [("", "cuda", "GPU 0"), ("cuda:1", "cuda:1", "GPU 1"), ("cpu", "cpu", "")],
)
def test_a_gpu_trains_where_there_is_one_unless_told_otherwise(
    monkeypatch, two_gpus, asked, found, name
):
    monkeypatch.setenv("EFFEXPLORER_DEVICE", asked)
    assert training_device() == torch.device(found)
    assert gpu_name() == name and provenance.machine(1, name).get("gpu", "") == name


@pytest.mark.parametrize("asked", ["gpu", "mps", "cuda:", "cuda:x", "CPU", "cuda:9999"])
def test_a_name_that_is_none_is_told(monkeypatch, two_gpus, asked):
    monkeypatch.setenv("EFFEXPLORER_DEVICE", asked)
    with pytest.raises(UserError, match=r"^EFFEXPLORER_DEVICE: must be cpu, cuda or cuda:N; got "):
        training_device()


def test_a_device_that_is_not_there_is_told(monkeypatch, two_gpus):
    monkeypatch.setenv("EFFEXPLORER_DEVICE", "cuda:2")
    with pytest.raises(UserError, match="which has 2 of CUDA; got cuda:2"):
        training_device()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("EFFEXPLORER_DEVICE", "cuda")
    with pytest.raises(UserError, match="which has 0 of CUDA; got cuda"):
        training_device()


def test_models_come_back_whatever_happens(monkeypatch):
    model, teacher = tiny_classifier(), tiny_classifier(1)
    before = [parameter.clone() for parameter in model.parameters()]
    with a_pretended_gpu(monkeypatch) as places:
        with pytest.raises(KeyboardInterrupt), on_device(model, teacher) as there:
            assert there == model.device == teacher.device == CUDA
            raise KeyboardInterrupt
        assert model.device == teacher.device == torch.device("cpu")
    assert places.moved and all(map(torch.equal, before, model.parameters()))


def test_the_pretended_gpu_refuses_what_a_real_one_refuses(monkeypatch):
    model, batch = tiny_classifier(), toy_examples(4).batch(np.arange(4))
    with a_pretended_gpu(monkeypatch), on_device(model):
        with pytest.raises(RuntimeError, match="on the same device"):
            model(batch.ids, batch.mask)
        there = batch.to(CUDA)
        logits = model(there.ids, there.mask).logits
        assert logits.device == CUDA
        with pytest.raises(RuntimeError, match="on the same device"):
            task_loss(logits, batch.labels)
        with pytest.raises(TypeError, match="numpy"):
            logits.detach().numpy()
        assert logits.detach().cpu().numpy().shape == (4, 2)


STEPS = (
    "",
    "prune(sparsity=0.5)",
    "prune(sparsity=0.5) > distill(layers=2)",
    "quantize(mode=aware) > prune(sparsity=0.5)",
    "exit(teacher=before)",
    "exit(training=two-stage)",
    "exit > distill(layers=2) > trim",
    "exit > slenderize(heads=0.5, ffn=0.5, rank=8, steps=2)",
    "drop(layers=1)",
    "drop(layers=1, rule=exhaustive) > quantize",
)


def made(steps: str):
    """Return the toy model after ``steps``, as the stage loop makes it: fine-tuned, then each."""
    task = toy_task()
    model = fine_tune(tiny_classifier(), toy_context(task, epochs=1.0))
    for seed, step in enumerate(parse_steps(steps)):
        context = toy_context(task, seed=seed, epochs=1.0)
        context = type(context)(**vars(context) | {"encode": lambda tokenizer: task})
        model = step.apply(model, context)
    return model


@pytest.mark.parametrize("steps", STEPS)
def test_every_operator_makes_on_a_gpu_what_it_makes_on_the_cpu(monkeypatch, steps):
    here = made(steps)
    with a_pretended_gpu(monkeypatch) as places:
        there = made(steps)
        assert {one.device for one in there.state_dict().values()} == {torch.device("cpu")}
    assert places.moved > 100
    for name, value in here.state_dict().items():
        assert torch.equal(value, there.state_dict()[name]), name
    examples = toy_examples(8, seed=5)
    if "trim" not in steps:  # whose model reads other numbers
        assert torch.equal(logits_of(here, examples), logits_of(there, examples))


def test_the_patch_of_these_tests_reaches_every_training():
    assert on_device.__wrapped__.__globals__ is vars(device)


@pytest.mark.parametrize("numeric", ["fp32", "int8", "int4"])
def test_scores_are_computed_on_the_device_and_the_model_can_train_on(numeric, monkeypatch):
    model = to_numeric(tiny_classifier(), numeric) if numeric != "fp32" else tiny_classifier()
    wanted = predict(model, toy_examples())
    with a_pretended_gpu(monkeypatch) as places:
        found = predict(model, toy_examples())
        assert places.moved
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert not any(one.is_inference() for one in model.state_dict().values())
    assert all(one.device.type == "cpu" for one in model.state_dict().values())
