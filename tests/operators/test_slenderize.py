import copy

import numpy as np
import pytest
import torch
from scipy.special import rel_entr, softmax
from torch.nn import functional as F

from effexplorer.costs import bytes_on_disk
from effexplorer.errors import UserError
from effexplorer.measure import predict
from effexplorer.models.convert import finished, keep_layers, to_numeric
from effexplorer.models.shrink import factorise, keep_width
from effexplorer.operators import Outline, Slenderize
from effexplorer.operators.importance import most_important, scored_batches
from effexplorer.operators.slenderize import taught_loss, width_at
from effexplorer.training import loop
from tests.tiny_models import thinned, tiny_classifier, toy_context, toy_examples, toy_task


def slender(model=None, context=None, **knobs):
    operator = Slenderize(**{"epochs": 2, "steps": 2} | knobs)
    return operator.apply(model or tiny_classifier(), context or toy_context())


@pytest.fixture
def untrained(monkeypatch):
    """Let the recovery training do nothing, and return the widths that each was asked to train."""
    widths = []

    def train(model, context, **kwargs):
        widths.append((model.config.heads, model.config.ffn, model.config.rank))
        return model

    monkeypatch.setattr("effexplorer.operators.finetune.fine_tune", train)
    return widths


@pytest.mark.parametrize(
    ("heads", "ffn", "expected"),
    [
        (0.5, 0.5, ([2, 2, 2], [32, 32, 32])),
        (0.25, 0.1, ([1, 1, 1], [6, 6, 6])),
        (0.05, 0.01, ([1, 1, 1], [1, 1, 1])),
        (1.0, 0.75, ([4, 4, 4], [48, 48, 48])),
        (0.75, 1.0, ([3, 3, 3], [64, 64, 64])),
    ],
)
def test_the_shares_that_are_asked_for_stay(heads, ffn, expected):
    for steps in (1, 3):
        config = slender(heads=heads, ffn=ffn, steps=steps, epochs=1).config
        assert (config.heads, config.ffn, config.rank) == (*expected, 0)


@pytest.mark.parametrize(("width", "share"), [(12, 0.5), (1536, 0.25), (3, 0.05), (7, 1.0)])
def test_the_width_falls_in_a_straight_line(width, share):
    widths = [width_at(done, width, share) for done in np.linspace(0, 1, 11)]
    ideal = np.linspace(width, width * share, 11).clip(1)
    assert widths[0] == width and min(widths) >= 1
    assert np.abs(np.array(widths) - ideal).max() <= 0.5


def test_the_model_shrinks_step_by_step_and_the_embedding_at_once(untrained):
    slender(steps=4, rank=8)
    assert untrained == [
        ([heads] * 3, [ffn] * 3, 8) for heads, ffn in ((4, 56), (3, 48), (2, 40), (2, 32))
    ]


def test_the_embedding_alone_is_factorised_in_one_phase(untrained):
    model = tiny_classifier()
    result = slender(model, heads=1.0, ffn=1.0, rank=8, steps=4)
    assert untrained == [([4, 4, 4], [64, 64, 64], 8)]
    expected = factorise(model, 8).state_dict()
    assert all(torch.equal(expected[name], value) for name, value in result.state_dict().items())


@pytest.mark.parametrize("exits", [[], [1, 2]], ids=["one exit", "three exits"])
def test_what_stays_is_what_matters_to_the_labels_at_every_exit(untrained, exits, monkeypatch):
    monkeypatch.setattr(loop, "has_bf16", lambda _: False)
    model, context = tiny_classifier(exits=exits, dropout=0.2), toy_context()
    reference, slopes = copy.deepcopy(model), {}
    for batch in scored_batches(context):
        reference.zero_grad()
        states = reference.hidden_states(batch.ids, batch.mask)
        logits = reference.exit_logits(states, batch.mask)
        sum(F.cross_entropy(logit, batch.labels) for logit in logits).backward()
        for name, weight in reference.named_parameters():
            if name.startswith("layers."):
                slopes[name] = slopes.get(name, 0) + weight.grad.abs() * weight.detach().abs()
    heads, neurons = [], []
    for layer in range(3):
        output, up, down = (
            slopes[f"layers.{layer}.{one}.weight"] for one in ("output", "up", "down")
        )
        heads.append(most_important(output.sum(0).view(4, 8).sum(1), 2))
        neurons.append(most_important(up.sum(1) + down.sum(0), 32))
    expected = keep_width(model, heads, neurons).state_dict()
    result = slender(model, context, steps=1).state_dict()
    assert all(torch.equal(expected[name], value) for name, value in result.items())


@pytest.mark.parametrize(
    "kind", [{}, {"exits": [1]}, {"exits": [1, 2], "pooling": "mean"}], ids=str
)
@pytest.mark.parametrize(("soft", "hidden"), [(1.0, 0.0), (0.0, 0.0), (0.9, 2.0)])
def test_the_loss_is_the_mean_over_exits_and_over_layers(kind, soft, hidden):
    teacher, student = tiny_classifier(**kind), tiny_classifier(1, heads=[1, 2, 3], **kind)
    batch = toy_examples().batch(np.arange(12))
    loss = taught_loss(student, teacher, batch, soft=soft, hidden=hidden).item()
    told, apart = [], []
    with torch.no_grad():
        mine, other = (one.hidden_states(batch.ids, batch.mask) for one in (student, teacher))
        pairs = zip(
            student.exit_logits(mine, batch.mask),
            teacher.exit_logits(other, batch.mask),
            strict=True,
        )
    for ours, theirs in pairs:
        p, q = softmax(theirs.numpy(), axis=1), softmax(ours.numpy(), axis=1)
        right = -np.log(q[np.arange(12), batch.labels.numpy()])
        told.append(soft * rel_entr(p, q).sum(1).mean() + (1 - soft) * right.mean())
    for ours, theirs in list(zip(mine, other, strict=True))[1:]:
        real = batch.mask.numpy().astype(bool)
        apart.append(np.square(ours.numpy()[real] - theirs.numpy()[real]).mean())
    assert loss == pytest.approx(np.mean(told) + hidden * np.mean(apart), rel=1e-4)


def test_a_model_has_nothing_to_learn_from_itself():
    model, batch = tiny_classifier(exits=[1]), toy_examples().batch(np.arange(8))
    taught_loss(model, model, batch, soft=1.0, hidden=1.0).backward()
    assert (
        max(
            parameter.grad.abs().max()
            for parameter in model.parameters()
            if parameter.grad is not None
        )
        < 1e-6
    )


def test_padding_counts_in_no_loss():
    teacher, student = tiny_classifier(), tiny_classifier(1)
    batch = toy_examples().batch(np.arange(12))
    losses = []
    for filler in (0, 7):
        ids = torch.where(batch.mask.bool(), batch.ids, filler)
        changed = type(batch)(ids, batch.mask, None, batch.labels, batch.rows)
        losses.append(taught_loss(student, teacher, changed, soft=1.0, hidden=1.0).item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize("kind", ["class", "number"])
def test_recovery_brings_the_answers_nearer_to_the_teacher_at_every_exit(untrained, kind, request):
    task = toy_task(kind=kind)
    teacher = tiny_classifier(exits=[1], num_labels=task.outputs)
    shrunk = slender(teacher, toy_context(task), steps=1, rank=8)
    request.getfixturevalue("monkeypatch").undo()
    recovered = slender(teacher, toy_context(task), steps=1, rank=8, epochs=20)
    far, near = (
        np.square(predict(one, task.train) - predict(teacher, task.train)).mean((0, 2))
        for one in (shrunk, recovered)
    )
    assert near.shape == (2,) and (near < 0.5 * far).all()


def test_the_teacher_stays_as_it_is():
    teacher = tiny_classifier(dropout=0.1)
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    slender(teacher, rank=4)
    assert all(torch.equal(before[name], value) for name, value in teacher.state_dict().items())
    assert all(parameter.grad is None for parameter in teacher.parameters())


@pytest.mark.parametrize("exits", [[], [1, 2], [2]], ids=str)
def test_exits_stay(exits):
    result = slender(tiny_classifier(exits=exits), rank=8)
    assert result.config.exits == exits
    assert predict(result, toy_examples()).shape == (48, len(exits) + 1, 2)


def test_zeros_of_what_stays_stay_zero(untrained, request):
    model = thinned(tiny_classifier(), 0.7)
    cut = slender(model, steps=1)
    request.getfixturevalue("monkeypatch").undo()
    trained = slender(model, steps=1)
    assert trained.config.sparse
    for before, after in zip(cut.layers, trained.layers, strict=True):
        for name in ("qkv", "output", "up", "down"):
            mine, other = getattr(after, name).weight, getattr(before, name).weight
            assert torch.equal(mine == 0, other == 0) and not torch.equal(mine, other)


def test_an_aware_model_stays_aware_and_becomes_int8():
    result = slender(to_numeric(tiny_classifier(exits=[1]), "int8-aware"), rank=8)
    assert result.config.numeric == "int8-aware"
    ended = finished(result)
    assert ended.config.numeric == "int8" and ended.embeddings.word_up.weight.dtype == torch.int8
    near = np.abs(predict(ended, toy_examples()) - predict(result, toy_examples()))
    assert near.max() < 0.05


def test_a_slender_model_can_lose_layers_and_width_again():
    first = keep_layers(slender(rank=16), [0, 2])
    again = slender(first, rank=8)
    assert (again.config.heads, again.config.ffn, again.config.rank) == ([1, 1], [16, 16], 8)
    untouched = slender(first, heads=1.0)
    assert (untouched.config.heads, untouched.config.rank) == ([2, 2], 16)


def test_the_file_is_smaller_by_what_went():
    model = tiny_classifier(vocab_size=48)
    result = slender(model, rank=8)
    words = 48 * 32 - 8 * (48 + 32)
    gone = 3 * (2 * 8 * (4 * 32 + 3) + 32 * (2 * 32 + 1)) + words
    counts = [sum(parameter.numel() for parameter in each.parameters()) for each in (model, result)]
    assert counts[0] - counts[1] == gone
    assert bytes_on_disk(model) - bytes_on_disk(result) == pytest.approx(4 * gone, abs=256)


@pytest.mark.parametrize("epochs", [0.1, 1, 2.5, 7])
@pytest.mark.parametrize("steps", [1, 2, 4, 10])
def test_the_plan_is_what_is_trained_to_a_batch_a_phase(epochs, steps, monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    events, operator = [], Slenderize(steps=steps, epochs=epochs)
    operator.apply(tiny_classifier(), toy_context(report=events.append))
    planned = operator.sentences(48, 99, Outline(layers=3))
    assert {event["total"] for event in events} == {planned}
    done = [event["done"] for event in events]
    assert done == sorted(set(done)) and planned - 32 < done[-1] <= planned
    assert events[-1]["detail"] == f"step {steps} of {steps}"


def test_the_final_width_is_trained_longest():
    operator = Slenderize(steps=5)
    assert operator.sentences(3200, 10, Outline(layers=3)) == 32_000
    assert operator._phases(10) == pytest.approx([1, 1, 1, 1, 6])
    assert Slenderize(steps=5, epochs=2)._phases(10)[-1] == pytest.approx(1.2)


def test_the_phases_see_other_batches(monkeypatch):
    seeds, real = [], loop.train

    def train(*args, seed, **kwargs):
        seeds.append(seed)
        real(*args, seed=seed, **kwargs)

    monkeypatch.setattr("effexplorer.operators.finetune.train", train)
    slender(steps=3, context=toy_context(seed=5))
    assert len(set(seeds)) == 3


def test_nothing_to_remove_is_refused():
    assert Slenderize(heads=1.0, ffn=1.0).problem(Outline(layers=3)) == (
        "slenderize: heads or ffn must be below 1, or rank above 0; got heads=1, ffn=1, rank=0."
    )
    assert Slenderize(heads=1.0, ffn=1.0, rank=1).problem(Outline(layers=3)) is None


@pytest.mark.parametrize("rank", [64, 65])
def test_a_rank_that_is_there_already_is_refused(rank):
    assert Slenderize(rank=rank).problem(Outline(layers=3, rank=64)) == (
        f"slenderize: rank must be below the 64 of the model before it, or 0; got {rank}."
    )
    assert Slenderize(rank=63).problem(Outline(layers=3, rank=64)) is None


def test_a_rank_that_makes_the_table_larger_is_refused():
    model = tiny_classifier(vocab_size=48)  # 48 * 32 = 1,536 weights; 19 * (48 + 32) = 1,520
    with pytest.raises(UserError, match=r"^slenderize: rank must be at most 19 for .+; got 20\.$"):
        slender(model, rank=20)
    smaller = slender(model, heads=1.0, ffn=1.0, rank=19)
    counts = [
        sum(parameter.numel() for parameter in each.parameters()) for each in (model, smaller)
    ]
    assert counts[0] - counts[1] == 16


def test_the_outline_tells_the_rank_and_keeps_the_rest():
    before = Outline(layers=3, sparsity=0.5, bits=8, exits=True, rank=64)
    after = Slenderize(rank=32).after(before)
    assert after == Outline(layers=3, sparsity=0.5, bits=8, exits=True, rank=32)
    assert Slenderize().after(before).rank == 64
