"""The training loop against a plain one written here, and against transformers' own schedule."""

import numpy as np
import pytest
import torch
from torch import nn
from transformers import get_linear_schedule_with_warmup

from effexplorer.errors import Cancelled
from effexplorer.models.slimbert import task_loss
from effexplorer.training import loop
from effexplorer.training.loop import train
from effexplorer.training.schedule import planned_sentences
from tests.tiny_models import tiny_classifier, toy_examples

SETTINGS = {"epochs": 2.0, "learning_rate": 1e-3, "seed": 0}


@pytest.fixture
def fp32(monkeypatch):
    """Train in full precision, whatever the CPU can do."""
    monkeypatch.setattr(loop, "has_bf16", lambda _: False)


def loss_of(model):
    def loss(batch):
        return task_loss(model(batch.ids, batch.mask, batch.token_types).logits, batch.labels)

    return loss


def trained(model=None, examples=None, **changes):
    model = model or tiny_classifier()
    train(model, examples or toy_examples(), loss_of(model), **SETTINGS | changes)
    return model


def weights(model) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


@pytest.mark.parametrize("kind", ["class", "number"])
def test_a_learnable_task_is_learned(kind):
    examples, events = toy_examples(kind=kind), []
    model = tiny_classifier(num_labels=1 if kind == "number" else 2)
    trained(model, examples, epochs=40.0, learning_rate=3e-3, report=events.append)
    batch = examples.batch(np.arange(len(examples)))
    with torch.no_grad():
        assert loss_of(model)(batch) < 0.2 * events[0]["loss"]


def test_the_loop_is_that_of_a_plain_adamw(fp32):
    examples, rate = toy_examples(70), 2e-3
    ours, plain = trained(examples=examples, learning_rate=rate), tiny_classifier()
    random = np.random.default_rng(SETTINGS["seed"])
    batches = examples.bucketed(32, random) + examples.bucketed(32, random)
    matrices = [parameter for parameter in plain.parameters() if parameter.ndim == 2]
    others = [parameter for parameter in plain.parameters() if parameter.ndim != 2]
    groups = [{"params": matrices}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=0.01)
    for step, rows in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = rate * (6 - step) / 5 if step else rate  # one step of warm-up, then down
        optimizer.zero_grad()
        loss_of(plain)(examples.batch(rows)).backward()
        nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        optimizer.step()
    # A tenth of one step: Adam divides by gradients that differ in their last bit.
    torch.testing.assert_close(weights(ours), weights(plain), atol=rate / 10, rtol=0)


@pytest.mark.parametrize("steps", [1, 2, 7, 10, 95, 1000])
def test_the_schedule_is_linear_like_that_of_transformers(steps):
    factor = loop._schedule(steps)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    warmup = max(1, round(0.1 * steps))
    theirs = get_linear_schedule_with_warmup(optimizer, warmup, steps).lr_lambdas[0]
    ours = np.array([factor(step) for step in range(steps)])
    # Ours is one step ahead while it warms up, so that no step is taken at a rate of zero.
    expected = [theirs(step + 1) if step < warmup else theirs(step) for step in range(steps)]
    expected[warmup - 1] = 1.0
    np.testing.assert_allclose(ours, expected)
    assert (ours > 0).all() and ours.max() == 1


def test_the_same_seed_gives_exactly_the_same_weights():
    runs = [trained(tiny_classifier(dropout=0.2), seed=5) for _ in range(2)]
    assert torch.equal(*map(weights, runs))


def test_another_seed_gives_other_weights():
    runs = [trained(tiny_classifier(dropout=0.2), seed=seed) for seed in (5, 6)]
    assert not torch.equal(*map(weights, runs))


def test_training_does_not_depend_on_the_random_state_around_it():
    runs = []
    for state in (1, 2):
        torch.manual_seed(state)
        np.random.seed(state)
        runs.append(weights(trained(tiny_classifier(dropout=0.2))))
    assert torch.equal(*runs)


def test_training_leaves_the_random_state_alone():
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    trained(tiny_classifier(dropout=0.2))
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("count", "epochs", "steps"),
    [
        (64, 1.0, 2),
        (65, 1.0, 3),
        (64, 0.5, 1),
        (64, 0.05, 1),
        (64, 1.5, 3),
        (64, 2.0, 4),
        (8, 3.0, 3),
    ],
)
def test_fractional_epochs_are_rounded_to_whole_steps(count, epochs, steps):
    shares = []
    trained(examples=toy_examples(count), epochs=epochs, after_step=shares.append)
    assert shares == pytest.approx([step / steps for step in range(1, steps + 1)])


def test_progress_ends_with_all_sentences(monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    events = []
    trained(examples=toy_examples(70), epochs=1.0, report=events.append)
    assert [event["total"] for event in events] == [70, 70, 70]
    assert sorted(np.diff([0, *(event["done"] for event in events)])) == [6, 32, 32]
    assert events[-1]["done"] == 70
    assert all(event["kind"] == "progress" and event["loss"] > 0 for event in events)


def test_progress_is_told_a_few_times_a_second(monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 3600.0)
    monkeypatch.setattr(loop.time, "monotonic", lambda: 10_000.0)
    events = []
    trained(epochs=5.0, report=events.append)
    assert len(events) == 2  # the first and the last


def test_training_stops_between_two_steps():
    steps = []
    with pytest.raises(Cancelled):
        trained(epochs=9.0, after_step=steps.append, cancelled=lambda: len(steps) == 3)
    assert len(steps) == 3


def test_a_cancelled_training_takes_no_step():
    model, before = tiny_classifier(), weights(tiny_classifier())
    with pytest.raises(Cancelled):
        trained(model, cancelled=lambda: True)
    assert torch.equal(weights(model), before)


def test_gradients_are_clipped_to_norm_1(monkeypatch):
    norms = []

    class Spy(torch.optim.AdamW):
        def step(self, *args, **kwargs):
            grads = [one.grad for group in self.param_groups for one in group["params"]]
            norms.append(torch.cat([grad.flatten() for grad in grads if grad is not None]).norm())
            return super().step(*args, **kwargs)

    monkeypatch.setattr(torch.optim, "AdamW", Spy)
    model = tiny_classifier()
    plain = loss_of(model)
    train(model, toy_examples(), lambda batch: 1000 * plain(batch), **SETTINGS)
    assert all(norm == pytest.approx(1.0, abs=1e-4) for norm in norms)


def test_frozen_parameters_stay_as_they_are():
    model = tiny_classifier()
    model.embeddings.requires_grad_(False)
    before = model.embeddings.word.weight.clone()
    assert torch.equal(trained(model).embeddings.word.weight, before)


def test_a_trained_model_is_ready_to_answer():
    assert not trained().training


@pytest.mark.parametrize("bf16", [True, False])
def test_training_works_with_and_without_bf16(monkeypatch, bf16):
    monkeypatch.setattr(loop, "has_bf16", lambda _: bf16)
    model = trained()
    assert weights(model).isfinite().all() and model.classifier.weight.dtype == torch.float32


def test_the_plan_counts_the_sentences_of_all_passes():
    assert planned_sentences(1000, 2.5) == 2512  # 16 batches of 32 are half of 32
    assert planned_sentences(1000, 0) == 0
