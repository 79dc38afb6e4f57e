import dataclasses

import pytest
import torch

from effexplorer.models.convert import finished, to_numeric
from effexplorer.operators import Distill, Outline, Prune, Quantize, quantize
from tests.tiny_models import logits_of, tiny_classifier, toy_context, toy_examples


def test_dynamic_is_the_conversion_alone():
    model, examples = tiny_classifier(), toy_examples()
    result = Quantize().apply(model, toy_context())
    assert torch.equal(logits_of(result, examples), logits_of(to_numeric(model, "int8"), examples))


def test_aware_stays_trainable_and_becomes_int8_when_finished():
    result = Quantize(mode="aware", epochs=1).apply(tiny_classifier(), toy_context())
    assert result.config.numeric == "int8-aware"
    assert all(parameter.requires_grad for parameter in result.parameters())
    assert finished(result).layers[0].up.weight.dtype == torch.int8


def test_aware_training_learns_the_task():
    task = toy_context().task
    context = dataclasses.replace(toy_context(task), learning_rate=3e-3)
    result = Quantize(mode="aware", epochs=20).apply(tiny_classifier(), context)
    answers = logits_of(finished(result), task.train).argmax(1)
    assert (answers == torch.from_numpy(task.train.labels)).float().mean() > 0.9


@pytest.mark.parametrize("bits", [4, 2])
def test_aware_works_with_8_bits_alone(bits):
    problem = Quantize(mode="aware", bits=bits).problem(Outline(layers=3))
    assert problem == f"quantize: mode aware works with 8 bits; got {bits}. Use mode dynamic."


@pytest.mark.parametrize("mode", ["dynamic", "aware"])
def test_a_model_is_quantized_once(mode):
    outline = Quantize(mode="aware").after(Outline(layers=3))
    assert "quantize: a model can be quantized once" in Quantize(mode=mode).problem(outline)


@pytest.mark.parametrize("later", [Distill(layers=1), Prune()], ids=lambda one: one.name)
def test_nothing_that_trains_follows_a_dynamic_quantization(later):
    problem = later.problem(Quantize().after(Outline(layers=3)))
    assert problem.startswith(f"{later.name}: a step that trains must stand before")
    assert problem.endswith("use quantize(mode=aware).")
    assert later.problem(Quantize(mode="aware").after(Outline(layers=3))) is None


@pytest.mark.parametrize("bits", [4, 2])
def test_formats_that_are_only_smaller_are_told_before(bits):
    caution = Quantize(bits=bits).caution(Outline(layers=6))
    assert caution.startswith(
        f"quantize: {bits} bits make the file smaller and the model no faster"
    )


@pytest.mark.parametrize(("vnni", "told"), [(True, False), (False, True)])
def test_a_processor_without_vnni_is_told_before(monkeypatch, vnni, told):
    monkeypatch.setattr(quantize, "has_vnni", lambda: vnni)
    caution = Quantize().caution(Outline(layers=6))
    assert (caution is not None and "slower than fp32" in caution) is told
