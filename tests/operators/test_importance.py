import numpy as np
import pytest
import torch
from torch.nn import functional as F

from effexplorer.errors import Cancelled
from effexplorer.operators import importance
from effexplorer.operators.importance import most_important, scored_batches, taylor_scores
from tests.tiny_models import tiny_classifier, toy_context, toy_examples, toy_task


def batches(*rows):
    return [toy_examples().batch(np.arange(*row)) for row in rows]


def loss_of(model):
    """Return the mean cross entropy over all exits, in the precision of the model."""

    def loss(batch):
        states = model.hidden_states(batch.ids, batch.mask)
        exits = model.exit_logits(states, batch.mask)
        return sum(F.cross_entropy(one, batch.labels) for one in exits) / len(exits)

    return loss


@torch.no_grad()
def by_differences(weight, loss, given, step=1e-5):
    """Return ``|w| sum_batches |dL/dw|``, each derivative by central differences."""
    scores = np.zeros(weight.shape)
    for place in np.ndindex(*weight.shape):
        value = weight[place].item()
        for batch in given:
            weight[place] = value + step
            above = loss(batch).item()
            weight[place] = value - step
            scores[place] += abs(above - loss(batch).item()) / (2 * step)
            weight[place] = value
        scores[place] *= abs(value)
    return scores


@pytest.mark.parametrize("exits", [[], [1]], ids=["one exit", "two exits"])
def test_the_scores_are_those_of_the_definition(exits):
    shape = {"hidden_size": 8, "head_size": 4, "heads": [2, 3], "ffn": [4, 3], "exits": exits}
    model = tiny_classifier(**shape, spread=0.3).double()
    given, loss = batches((0, 5), (5, 8)), loss_of(model)
    heads, neurons = taylor_scores(model, given, loss)
    for layer, of_heads, of_neurons in zip(model.layers, heads, neurons, strict=True):
        output, up, down = (
            by_differences(one.weight, loss, given) for one in (layer.output, layer.up, layer.down)
        )
        columns = [output[:, 4 * head : 4 * head + 4].sum() for head in range(layer.heads)]
        rows = [up[one].sum() + down[:, one].sum() for one in range(layer.up.out_features)]
        np.testing.assert_allclose(of_heads, columns, rtol=1e-5)
        np.testing.assert_allclose(of_neurons, rows, rtol=1e-5)


def test_batches_that_pull_apart_add_up():
    model = tiny_classifier()
    both = batches((0, 6), (6, 12))
    apart = [taylor_scores(model, [batch], loss_of(model)) for batch in both]
    together = taylor_scores(model, both, loss_of(model))
    for kind in (0, 1):
        for layer in range(3):
            summed = apart[0][kind][layer] + apart[1][kind][layer]
            torch.testing.assert_close(together[kind][layer], summed)


def test_a_head_and_a_neuron_that_give_nothing_score_least():
    model = tiny_classifier()
    model.layers[1].output.weight.data[:, 8:16] = 0
    model.layers[2].up.weight.data[7] = 0
    model.layers[2].down.weight.data[:, 7] = 0
    heads, neurons = taylor_scores(model, batches((0, 10)), loss_of(model))
    assert heads[1][1] == 0 and int((heads[1] == 0).sum()) == 1
    assert neurons[2][7] == 0 and int((neurons[2] == 0).sum()) == 1


def test_dropout_is_off_and_no_gradient_is_left():
    model = tiny_classifier(dropout=0.5, attention_dropout=0.5).train()
    first, second = (taylor_scores(model, batches((0, 10)), loss_of(model)) for _ in range(2))
    for kind in (0, 1):
        assert all(map(torch.equal, first[kind], second[kind]))
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(
    ("scores", "kept", "places"),
    [
        ([0.3, 0.1, 0.9, 0.2], 2, [0, 2]),
        ([0.3, 0.1, 0.9, 0.2], 4, [0, 1, 2, 3]),
        ([1.0, 2.0, 2.0, 2.0], 2, [1, 2]),
        ([0.0, 0.0], 1, [0]),
    ],
)
def test_the_most_important_stay_in_their_order(scores, kept, places):
    assert most_important(torch.tensor(scores), kept) == places


def test_the_scores_look_at_random_batches_up_to_a_bound(monkeypatch):
    context = toy_context(toy_task(200))
    rows = [np.concatenate([batch.rows for batch in scored_batches(context)]) for _ in range(2)]
    assert sorted(rows[0]) == list(range(200)) and np.array_equal(*rows)
    monkeypatch.setattr(importance, "SCORED", 2)
    first, other = (
        [batch.rows.tolist() for batch in scored_batches(toy_context(toy_task(200), seed=seed))]
        for seed in (0, 1)
    )
    assert len(first) == len(other) == 2 and first != other


def test_scoring_stops_when_asked():
    with pytest.raises(Cancelled):
        list(scored_batches(toy_context(cancelled=lambda: True)))
