import numpy as np
import pytest
import torch
from scipy.special import rel_entr, softmax
from sklearn.metrics import log_loss

from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import add_exits, keep_layers
from effexplorer.operators import Distill, EarlyExit, Outline, Prune, finetune
from effexplorer.operators.distill import soft_label_loss
from effexplorer.operators.matching import evenly_spaced
from tests.tiny_models import (
    logits_of,
    shaken,
    tiny_classifier,
    toy_context,
    toy_examples,
    toy_task,
)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 20.0])
@pytest.mark.parametrize("labels", [2, 3])
def test_the_soft_label_loss_is_that_of_scipy(temperature, labels):
    random = np.random.default_rng(0)
    student, teacher = random.normal(size=(2, 7, labels)) * 3
    p, q = softmax(teacher / temperature, axis=1), softmax(student / temperature, axis=1)
    expected = temperature**2 * rel_entr(p, q).sum(1).mean()
    loss = soft_label_loss(torch.tensor(student), torch.tensor(teacher), temperature)
    assert loss.item() == pytest.approx(expected)


def test_the_soft_label_loss_of_numbers_is_the_squared_difference():
    loss = soft_label_loss(torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [2.5]]), 4.0)
    assert loss.item() == pytest.approx((4 + 0.25) / 2)


def test_the_soft_label_loss_of_the_most_certain_is_finite():
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    loss = soft_label_loss(logits, torch.tensor([[-1e4, 1e4]]), 1.0)
    loss.backward()
    assert loss.isfinite() and logits.grad.isfinite().all()


def test_the_teacher_stays_as_it_is():
    teacher = tiny_classifier()
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    Distill(layers=1, epochs=1).apply(teacher, toy_context())
    assert all(torch.equal(before[name], value) for name, value in teacher.state_dict().items())


def test_a_student_comes_nearer_to_its_teacher():
    teacher, examples = tiny_classifier(), toy_context().task.train
    taught = logits_of(teacher, examples)
    untrained = keep_layers(teacher, evenly_spaced(3, 2))
    student = Distill(layers=2, alpha=1.0, epochs=15).apply(teacher, toy_context())

    def distance(model):
        return soft_label_loss(logits_of(model, examples), taught, 1.0).item()

    assert distance(student) < 0.5 * distance(untrained)


def test_hidden_states_come_nearer_when_their_loss_counts():
    teacher, batch = tiny_classifier(), toy_examples().batch(np.arange(20))
    distances = []
    for weight in (0.0, 10.0):
        student = Distill(layers=2, hidden=weight, epochs=10).apply(teacher, toy_context())
        with torch.no_grad():
            mine = student.hidden_states(batch.ids, batch.mask)
            other = teacher.hidden_states(batch.ids, batch.mask)
        real = batch.mask.bool()
        distances.append((mine[2][real] - other[3][real]).square().mean().item())
    assert distances[1] < distances[0]


def test_zeros_of_a_pruned_teacher_stay_zero():
    teacher = Prune(sparsity=0.7, epochs=1).apply(tiny_classifier(), toy_context())
    student = Distill(layers=2, epochs=2).apply(teacher, toy_context())
    for index, old in enumerate(evenly_spaced(3, 2)):
        for name in ("qkv", "output", "up", "down"):
            mine = getattr(student.layers[index], name).weight
            other = getattr(teacher.layers[old], name).weight
            assert torch.equal(mine == 0, other == 0)
            assert not torch.equal(mine, other)
    assert encoder_matrices(student)


@pytest.mark.parametrize("layers", [6, 7])
def test_a_student_must_have_fewer_layers(layers):
    assert Distill(layers=layers).problem(Outline(layers=6)) == (
        f"distill: layers must be less than the 6 layers of the model before it; got {layers}."
    )


def test_a_student_of_exits_keeps_those_of_its_layers_and_trains_them():
    teacher = EarlyExit(epochs=1).apply(tiny_classifier(heads=[2] * 4, ffn=[8] * 4), toy_context())
    student = Distill(layers=3, epochs=1).apply(teacher, toy_context())
    assert student.config.exits == [1, 2] and len(student.exits) == 2
    for own, old in enumerate([0, 1]):
        assert not torch.equal(student.exits[own].weight, teacher.exits[old].weight)


@pytest.mark.parametrize(("exits", "left"), [(True, True), (False, False)])
def test_the_outline_tells_whether_exits_are_left(exits, left):
    before = Outline(layers=4, exits=exits)
    assert Distill(layers=2).after(before).exits is left
    assert Distill(layers=1).after(before).exits is False


@pytest.fixture
def untrained(monkeypatch):
    """Let distill hand back what it would train, with its loss and context, and train nothing."""
    taken = {}

    def take(model, context, *, epochs, loss, teachers):
        taken.update(student=model, context=context, loss=loss)
        return model

    monkeypatch.setattr(finetune, "fine_tune", take)
    return taken


def exits_of(model, batch):
    """Return the hidden states and every exit's logits, in numpy."""
    with torch.no_grad():
        states = model.eval().hidden_states(batch.ids, batch.mask, batch.token_types)
        logits = model.exit_logits(states, batch.mask)
    return [state.numpy() for state in states], [logit.double().numpy() for logit in logits]


def mean_square(one, other, mask):
    return np.square(one[mask] - other[mask]).mean()


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("kind", ["class", "number"])
def test_the_loss_is_the_mean_over_the_exits_of_the_written_formula(untrained, multi, kind):
    task = toy_task(pairs=True, kind=kind)
    teacher = tiny_classifier(heads=[2] * 4, ffn=[8] * 4, num_labels=task.outputs)
    teacher = shaken(add_exits(teacher), 0.3) if multi else teacher
    step = Distill(layers=3, alpha=0.3, temperature=3.0, hidden=0.5)
    student = shaken(step.apply(teacher, toy_context(task)), 0.1)
    batch = task.train.batch(np.arange(9))
    states, logits = exits_of(student, batch)
    taught, soft = exits_of(teacher, batch)
    pairs = [(0, 0), (1, 1), (2, 3)] if multi else [(0, 0)]  # layers 0, 1 and 2 of the teacher's 4
    labels = batch.labels.numpy()
    expected = np.mean([mix(step, logits[a], soft[b], labels) for a, b in pairs])
    mask = batch.mask.bool().numpy()
    states, taught = states[1:], taught[1:4]
    expected += 0.5 * sum(mean_square(*two, mask) for two in zip(states, taught, strict=True))
    with torch.no_grad():
        assert untrained["loss"](batch).item() == pytest.approx(expected, rel=1e-5)


def mix(step, logits, soft, labels) -> float:
    """Return the soft and hard loss of one exit, by scipy and sklearn."""
    if logits.shape[1] == 1:
        learned, told = np.square(logits - soft).mean(), np.square(logits[:, 0] - labels).mean()
    else:
        p, q = (softmax(one / step.temperature, axis=1) for one in (soft, logits))
        learned = step.temperature**2 * rel_entr(p, q).sum(1).mean()
        told = log_loss(labels, softmax(logits, axis=1), labels=[0, 1])
    return step.alpha * learned + (1 - step.alpha) * told
