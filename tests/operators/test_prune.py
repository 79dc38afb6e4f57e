import numpy as np
import pytest
import torch

from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import finished, to_numeric
from effexplorer.operators import Distill, Outline, Prune, Quantize
from effexplorer.operators.prune import HOLD, WARMUP, largest, sparsity_at
from tests.tiny_models import tiny_classifier, toy_context, toy_examples


def pruned(sparsity=0.6, model=None, **knobs):
    operator = Prune(sparsity=sparsity, **{"epochs": 2} | knobs)
    return operator.apply(model or tiny_classifier(), toy_context())


@pytest.mark.parametrize("ramp", np.linspace(0, 1, 6))
@pytest.mark.parametrize(("start", "end"), [(0.0, 0.9), (0.5, 0.8)])
def test_the_ramps_are_those_of_the_formulas(ramp, start, end):
    linear, cubic = (sparsity_at(ramp, start, end, name) for name in ("linear", "cubic"))
    assert linear == pytest.approx(start + ramp * (end - start))
    assert cubic == pytest.approx(end + (start - end) * (1 - ramp) ** 3)
    assert start - 1e-9 <= linear <= cubic + 1e-9 <= end + 2e-9


@pytest.mark.parametrize("sparsity", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_the_smallest_go_and_the_largest_stay(sparsity):
    weight = torch.randn(20, 30, generator=torch.Generator().manual_seed(0))
    mask = largest(weight, sparsity)
    assert int((~mask).sum()) == round(sparsity * 600)
    if mask.any() and not mask.all():
        assert weight.abs()[~mask].max() < weight.abs()[mask].min()


def test_zeros_go_first():
    weight = torch.tensor([[0.0, 0.0, 0.0, 5.0], [1.0, 2.0, 3.0, 4.0]])
    assert largest(weight, 0.5).tolist() == [[False] * 3 + [True], [False, True, True, True]]


@pytest.mark.parametrize("schedule", ["linear", "cubic"])
@pytest.mark.parametrize("sparsity", [0.3, 0.6, 0.95])
def test_every_matrix_ends_with_the_sparsity_asked_for(sparsity, schedule):
    for name, module in encoder_matrices(pruned(sparsity, schedule=schedule)).items():
        zeros = int((module.weight == 0).sum())
        assert abs(zeros - sparsity * module.weight.numel()) <= 1, name


@pytest.mark.parametrize("epochs", [0.05, 0.5, 1])
def test_a_training_of_few_steps_ends_with_the_sparsity_too(epochs):
    for module in encoder_matrices(pruned(0.8, epochs=epochs)).values():
        assert abs(int((module.weight == 0).sum()) - 0.8 * module.weight.numel()) <= 1


def test_embeddings_biases_and_classifier_stay_dense():
    model = pruned(0.9)
    matrices = {f"{name}.weight" for name in encoder_matrices(model)}
    for name, value in model.state_dict().items():
        assert name in matrices or (value != 0).all(), name


def test_a_later_pruning_goes_on_from_the_first():
    first = pruned(0.5)
    zeros = {name: module.weight == 0 for name, module in encoder_matrices(first).items()}
    for name, module in encoder_matrices(pruned(0.8, first)).items():
        assert (module.weight[zeros[name]] == 0).all()
        assert abs(int((module.weight == 0).sum()) - 0.8 * module.weight.numel()) <= 1


def test_the_sparsity_rises_after_the_warm_up_and_stands_still_at_the_end(monkeypatch):
    from effexplorer.training import loop

    seen, model = [], tiny_classifier()
    matrix, real = encoder_matrices(model)["layers.0.up"], loop.train

    def train(*args, after_step, **kwargs):
        def spy(done):
            after_step(done)
            seen.append((done, float((matrix.weight == 0).float().mean())))

        real(*args, after_step=spy, **kwargs)

    monkeypatch.setattr("effexplorer.operators.finetune.train", train)
    pruned(0.6, model, epochs=20)
    values = [sparsity for _, sparsity in seen]
    assert values == sorted(values) and len(set(values)) > 10
    assert all(sparsity == 0 for done, sparsity in seen if done <= WARMUP)
    assert all(sparsity == values[-1] for done, sparsity in seen if done > 1 - HOLD + 1e-9)


@pytest.mark.parametrize(
    "later", [Distill(layers=2, epochs=1), Quantize(mode="aware", epochs=1)], ids=str
)
def test_masks_are_kept_through_a_later_training(later):
    result = later.apply(pruned(0.7), toy_context())
    for module in encoder_matrices(result).values():
        zeros = int((module.weight == 0).sum())
        assert abs(zeros - 0.7 * module.weight.numel()) <= 1
    for module in encoder_matrices(finished(result)).values():
        assert int((module.weight == 0).sum()) >= int(0.7 * module.weight.numel()) - 1


def test_steps_after_an_aware_quantization_compose(tmp_path):
    model = Quantize(mode="aware", epochs=1).apply(tiny_classifier(), toy_context())
    model = Prune(sparsity=0.6, epochs=1).apply(model, toy_context())
    model = finished(Distill(layers=2, epochs=1).apply(model, toy_context()))
    assert (model.config.numeric, model.config.sparse, len(model.layers)) == ("int8", True, 2)
    for module in encoder_matrices(model).values():
        assert module.weight.dtype == torch.int8
        assert int((module.weight == 0).sum()) >= int(0.6 * module.weight.numel()) - 1


def test_a_pruned_aware_model_converts_with_its_zeros():
    model = to_numeric(pruned(0.7), "int8-aware")
    batch = toy_examples().batch(np.arange(5))
    torch.testing.assert_close(
        model(batch.ids, batch.mask).logits,
        finished(model)(batch.ids, batch.mask).logits,
        atol=0.02,
        rtol=0,
    )


@pytest.mark.parametrize("sparsity", [0.3, 0.5])
def test_a_sparsity_that_is_there_already_is_refused(sparsity):
    problem = Prune(sparsity=sparsity).problem(Outline(layers=3, sparsity=0.5))
    assert problem == (
        f"prune: sparsity must be above the 0.5 that the model already has; got {sparsity:g}."
    )
