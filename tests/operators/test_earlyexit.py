import numpy as np
import pytest
import torch
from scipy.special import log_softmax, rel_entr, softmax

from effexplorer.errors import Cancelled
from effexplorer.measure import predict
from effexplorer.models.convert import add_exits
from effexplorer.operators import EarlyExit, Outline
from effexplorer.training.schedule import planned_sentences
from tests.tiny_models import logits_of, tiny_classifier, toy_context, toy_task

ALL = np.arange(24)


def trained(model=None, *, epochs=2.0, **knobs):
    """Return the model that the operator makes of a tiny one, and the context."""
    context = toy_context(epochs=epochs)
    return EarlyExit(**knobs).apply(model or tiny_classifier(), context), context


def accuracies(model, examples) -> np.ndarray:
    answers = predict(model, examples).argmax(-1)
    return (answers == examples.labels[:, None]).mean(0)


@pytest.mark.parametrize("training", ["joint", "alternating"])
@pytest.mark.parametrize("teacher", ["last", "before"])
def test_every_exit_learns_the_task(training, teacher):
    model, context = trained(training=training, teacher=teacher, epochs=60.0)
    assert model.config.exits == [1, 2]
    assert (accuracies(model, context.task.train) > 0.9).all()


def test_two_stage_training_leaves_layers_and_last_exit_as_they_are():
    before = tiny_classifier()
    state = {name: value.clone() for name, value in before.state_dict().items()}
    model, context = trained(before, training="two-stage")
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in state.items())
    assert not torch.equal(after["exits.0.weight"], state["classifier.weight"])
    expected = logits_of(before, context.task.validation)
    assert torch.equal(logits_of(model, context.task.validation), expected)
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_a_stopped_two_stage_training_leaves_a_model_that_can_train():
    made = []
    original = add_exits

    def kept(model, **knobs):
        made.append(original(model, **knobs))
        return made[-1]

    context = toy_context(cancelled=lambda: True)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Cancelled):
        patch.setattr("effexplorer.models.convert.add_exits", kept)
        EarlyExit(training="two-stage").apply(tiny_classifier(), context)
    assert all(parameter.requires_grad for parameter in made[0].parameters())


def test_alternating_training_begins_with_the_last_exit_alone():
    context = toy_context(toy_task(16))
    model = EarlyExit(training="alternating", epochs=0.05).apply(tiny_classifier(), context)
    head, classifier = tiny_classifier().classifier.weight, model.classifier.weight
    assert torch.equal(model.exits[0].weight, head)
    assert not torch.equal(classifier, head)


def test_the_loss_is_the_one_of_its_definition():
    soft, exits = 0.3, 3
    model = add_exits(tiny_classifier())
    teacher = tiny_classifier(seed=7)
    batch = toy_task().validation.batch(ALL)
    logits = predict(model, toy_task().validation).astype(np.float64)
    taught = logits_of(teacher, toy_task().validation).double().numpy()
    labels = toy_task().validation.labels

    def cross_entropy(exit: int) -> float:
        return -log_softmax(logits[:, exit], axis=1)[np.arange(24), labels].mean()

    def divergence(exit: int, target: np.ndarray) -> float:
        return rel_entr(softmax(target, axis=1), softmax(logits[:, exit], axis=1)).sum(1).mean()

    def expected(target: np.ndarray, last_is_taught: bool, weights: list[int]) -> float:
        losses = [
            (1 - soft) * cross_entropy(exit) + soft * divergence(exit, target)
            if exit < exits - 1 or last_is_taught
            else cross_entropy(exit)
            for exit in range(exits)
        ]
        return np.average(losses, weights=weights)

    own = EarlyExit(soft=soft, weights="depth")._loss(model, None)
    assert own(batch).item() == pytest.approx(expected(logits[:, -1], False, [1, 2, 3]), rel=1e-4)
    other = EarlyExit(soft=soft, teacher="before")._loss(model, teacher)
    assert other(batch).item() == pytest.approx(expected(taught, True, [1, 1, 1]), rel=1e-4)


def test_the_last_exit_is_not_pulled_towards_the_early_ones():
    model = add_exits(tiny_classifier())
    loss = EarlyExit(soft=1.0)._loss(model, None)
    loss(toy_task().validation.batch(ALL)).backward()
    alone = add_exits(tiny_classifier())
    batch = toy_task().validation.batch(ALL)
    states = alone.hidden_states(batch.ids, batch.mask, batch.token_types)
    told = torch.nn.functional.cross_entropy(alone.classify(states[-1], batch.mask), batch.labels)
    (told / 3).backward()
    torch.testing.assert_close(model.classifier.weight.grad, alone.classifier.weight.grad)


def test_what_cannot_get_exits_says_why():
    assert EarlyExit().problem(Outline(layers=6)) is None
    assert "once" in EarlyExit().problem(Outline(layers=6, exits=True))
    assert "got 1." in EarlyExit().problem(Outline(layers=1))
    assert "must stand before" in EarlyExit().problem(Outline(layers=6, trainable=False))


@pytest.mark.parametrize(("catch_up", "passes"), [("no", 2.0), ("yes", 2.0 + 1.5 + 3.0)])
def test_exits_that_catch_up_are_trained_for_as_long_as_the_steps_before_too(
    monkeypatch, catch_up, passes
):
    """In ``trained``, 0 stands for the epochs of the dense model, which are 3."""
    from effexplorer.operators import finetune

    asked = []
    monkeypatch.setattr(finetune, "train", lambda *_, epochs, **__: asked.append(epochs))
    step, trained = EarlyExit(catch_up=catch_up, epochs=2), (1.5, 0.0)
    step.apply(tiny_classifier(), toy_context(epochs=3.0, trained=trained))
    assert asked == [passes]
    before = Outline(layers=3, trained=trained)
    assert step.sentences(64, 3.0, before) == planned_sentences(64, passes)


def test_exits_that_come_first_have_nothing_to_catch_up_on():
    step = EarlyExit(catch_up="yes", epochs=2)
    assert step.sentences(64, 3.0, Outline(layers=3)) == planned_sentences(64, 2)
