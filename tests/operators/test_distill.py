import numpy as np
import pytest
import torch
from scipy.special import rel_entr, softmax

from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import keep_layers
from effexplorer.operators import Distill, Outline, Prune
from effexplorer.operators.distill import evenly_spaced, soft_label_loss
from tests.toys import logits_of, tiny_classifier, toy_context, toy_examples


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


@pytest.mark.parametrize(
    ("layers", "kept", "expected"),
    [(6, 3, [0, 2, 4]), (12, 6, [0, 2, 4, 6, 8, 10]), (12, 4, [0, 3, 6, 9]), (6, 1, [0])],
)
def test_evenly_spaced_layers_are_those_of_distilbert(layers, kept, expected):
    assert evenly_spaced(layers, kept) == expected


@pytest.mark.parametrize("layers", range(2, 25))
def test_evenly_spaced_layers_are_distinct_rising_and_begin_with_the_first(layers):
    for kept in range(1, layers):
        chosen = evenly_spaced(layers, kept)
        assert len(chosen) == kept and chosen == sorted(set(chosen))
        assert chosen[0] == 0 and chosen[-1] < layers
        gaps = np.diff([*chosen, layers])
        assert gaps.max() - gaps.min() <= 1


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
