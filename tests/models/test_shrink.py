import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from effexplorer.costs import bytes_on_disk
from effexplorer.measure import predict
from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import finished, keep_layers, to_numeric
from effexplorer.models.shrink import factorise, keep_width, word_table
from tests.tiny_models import logits_of, thinned, tiny_classifier, toy_examples

HEADS = [[0, 2], [3], [0, 1, 2, 3]]
NEURONS = [list(range(0, 64, 3)), [63, 5, 17], list(range(64))]

every_kind = pytest.mark.parametrize(
    "kind",
    [
        {},
        {"pooling": "mean"},
        {"exits": [1, 2]},
        {"exits": [2], "rank": 8},
        {"num_labels": 1},
        {"buckets": 32, "type_vocab_size": 0},
    ],
    ids=str,
)


def narrow(model):
    return keep_width(model, HEADS, NEURONS)


def with_zeros(model, heads=HEADS, neurons=NEURONS):
    """Set to zero, in place, what heads and neurons that do not stay would add to their layer."""
    size = model.config.head_size
    for layer, head_kept, neuron_kept in zip(model.layers, heads, neurons, strict=True):
        for head in set(range(layer.heads)) - set(head_kept):
            layer.output.weight.data[:, head * size : (head + 1) * size] = 0
        for neuron in set(range(layer.up.out_features)) - set(neuron_kept):
            layer.down.weight.data[:, neuron] = 0
    return model


def parameters(model) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@every_kind
def test_what_stays_answers_as_if_the_rest_gave_zero(kind):
    model, examples = tiny_classifier(**kind), toy_examples()
    narrower, zeroed = predict(narrow(model), examples), predict(with_zeros(model), examples)
    np.testing.assert_allclose(narrower, zeroed, atol=1e-5)
    assert narrower.shape[1] == len(kind.get("exits", [])) + 1


@pytest.mark.parametrize("head", range(4))
def test_each_single_head_can_go(head):
    model, examples = tiny_classifier(), toy_examples()
    whole, kept = [list(range(64))] * 3, [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]
    kept[1] = [one for one in range(4) if one != head]
    before = logits_of(model, examples)
    narrower = logits_of(keep_width(model, kept, whole), examples)
    zeroed = logits_of(with_zeros(model, kept, whole), examples)
    torch.testing.assert_close(narrower, zeroed, atol=1e-5, rtol=0)
    assert (before - zeroed).abs().max() > 1e-3


def test_the_order_of_heads_and_neurons_changes_no_answer():
    model, examples = tiny_classifier(), toy_examples()
    turned = keep_width(model, [[2, 0, 3, 1]] * 3, [list(range(63, -1, -1))] * 3)
    torch.testing.assert_close(
        logits_of(turned, examples), logits_of(model, examples), atol=1e-5, rtol=0
    )
    assert not torch.equal(turned.layers[0].qkv.weight, model.layers[0].qkv.weight)


def test_the_tensors_have_the_shapes_of_the_new_widths():
    model = tiny_classifier()
    narrower = narrow(model)
    assert (narrower.config.heads, narrower.config.ffn) == ([2, 1, 4], [22, 3, 64])
    for layer, heads, ffn in zip(narrower.layers, [2, 1, 4], [22, 3, 64], strict=True):
        assert (
            layer.qkv.weight.shape == (3 * heads * 8, 32) and layer.qkv.bias.shape[0] == 24 * heads
        )
        assert layer.output.weight.shape == (32, heads * 8)
        assert layer.up.weight.shape == (ffn, 32) and layer.down.weight.shape == (32, ffn)
    gone = (2 + 3) * 8 * (4 * 32 + 3) + (42 + 61) * (2 * 32 + 1)
    assert parameters(model) - parameters(narrower) == gone
    assert bytes_on_disk(model) - bytes_on_disk(narrower) == pytest.approx(4 * gone, abs=256)


@pytest.mark.parametrize("rank", [1, 5, 31])
def test_the_embedding_is_the_truncated_svd_of_numpy(rank):
    model = tiny_classifier()
    table = model.embeddings.word.weight.detach().numpy()
    u, s, v = np.linalg.svd(table.astype(np.float64), full_matrices=False)
    low = factorise(model, rank)
    assert low.config.rank == rank
    assert low.embeddings.word.weight.shape == (len(table), rank)
    assert low.embeddings.word_up.weight.shape == (32, rank)
    nearest = (u[:, :rank] * s[:rank]) @ v[:rank]
    np.testing.assert_allclose(word_table(low).detach().numpy(), nearest, atol=1e-6)
    sizes = np.linalg.norm(low.embeddings.word.weight.detach().numpy(), axis=0)
    np.testing.assert_allclose(sizes, s[:rank], rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(low.embeddings.word_up.weight.detach(), axis=0), 1)


@every_kind
def test_an_embedding_of_full_rank_gives_the_same_answers(kind):
    model, examples = tiny_classifier(**kind), toy_examples()
    same = factorise(model, kind.get("rank", 32))
    np.testing.assert_allclose(predict(same, examples), predict(model, examples), atol=1e-5)


def test_a_table_of_low_rank_is_kept_whole():
    model = tiny_classifier()
    random = np.random.default_rng(0)
    table = random.normal(size=(model.config.vocab_size, 3)) @ random.normal(size=(3, 32))
    model.embeddings.word.weight.data.copy_(torch.from_numpy(table))
    torch.testing.assert_close(
        word_table(factorise(model, 3)), model.embeddings.word.weight, atol=1e-5, rtol=0
    )


def test_a_second_factorisation_is_that_of_the_first_one_s_table():
    model = tiny_classifier()
    twice, once = factorise(factorise(model, 20), 6), factorise(model, 6)
    torch.testing.assert_close(word_table(twice), word_table(once), atol=1e-5, rtol=0)
    assert twice.embeddings.word.weight.shape == (model.config.vocab_size, 6)


@every_kind
@pytest.mark.parametrize("numeric", ["fp32", "int8-aware"])
def test_a_narrow_model_saves_and_reopens_with_the_same_answers(kind, numeric, tmp_path):
    model = factorise(narrow(to_numeric(tiny_classifier(**kind), numeric)), 4)
    assert model.config.numeric == numeric
    for one in (model, finished(model)):
        one.save_pretrained(tmp_path)
        again = AutoModelForSequenceClassification.from_pretrained(tmp_path)
        np.testing.assert_array_equal(predict(again, toy_examples()), predict(one, toy_examples()))


def test_zeros_of_a_pruned_model_stay_where_they_are():
    model = thinned(tiny_classifier(), 0.7)
    narrower = narrow(model)
    assert narrower.config.sparse
    for index, kept in enumerate(NEURONS):
        mine, other = narrower.layers[index], model.layers[index]
        assert torch.equal(mine.up.weight, other.up.weight[kept])
        assert torch.equal(mine.down.weight, other.down.weight[:, kept])
    zeros = [int((matrix.weight == 0).sum()) for matrix in encoder_matrices(narrower).values()]
    assert all(zeros)


def test_the_original_is_left_alone():
    model = tiny_classifier(exits=[1], temperatures=[1.5, 2.0])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for narrower in (narrow(model), factorise(model, 4)):
        assert narrower.config.temperatures == []
        for parameter in narrower.parameters():
            parameter.data.zero_()
    assert model.config.heads == [4, 4, 4] and model.config.rank == 0
    assert model.config.temperatures == [1.5, 2.0]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_layers_of_unlike_width_can_be_narrowed_again():
    model, examples = keep_layers(narrow(tiny_classifier()), [0, 2]), toy_examples()
    heads, neurons = [[1], [3, 0]], [[0, 21], [2, 4, 8]]
    again = keep_width(model, heads, neurons)
    assert (again.config.heads, again.config.ffn) == ([1, 2], [2, 3])
    torch.testing.assert_close(
        logits_of(again, examples),
        logits_of(with_zeros(model, heads, neurons), examples),
        atol=1e-5,
        rtol=0,
    )
