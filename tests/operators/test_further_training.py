"""The control trains on as the dense model was trained, and leaves the model's size alone."""

import torch

from effexplorer.costs import bytes_on_disk
from effexplorer.operators import FineTune, Outline
from effexplorer.operators.finetune import fine_tune
from tests.tiny_models import tiny_classifier, toy_context


def test_it_is_the_training_of_the_dense_model_once_more():
    again = FineTune(epochs=2).apply(tiny_classifier(), toy_context(seed=5))
    trained = fine_tune(tiny_classifier(), toy_context(seed=5), epochs=2)
    assert all(map(torch.equal, again.parameters(), trained.parameters()))


def test_without_epochs_it_takes_those_of_the_dense_model():
    step, before = FineTune(), Outline(layers=3)
    assert step.sentences(64, 3.0, before) == FineTune(epochs=3).sentences(64, 1.0, before) == 192


def test_the_model_changes_its_weights_and_keeps_its_size():
    model = tiny_classifier()
    size, old = bytes_on_disk(model), model.classifier.weight.detach().clone()
    result = FineTune(epochs=1).apply(model, toy_context())
    assert bytes_on_disk(result) == size and not torch.equal(result.classifier.weight, old)


def test_it_may_stand_wherever_training_may():
    assert FineTune().problem(Outline(layers=1, exits=True, sparsity=0.9, dense=False)) is None
    assert "must stand before quantize" in FineTune().problem(Outline(layers=6, trainable=False))
