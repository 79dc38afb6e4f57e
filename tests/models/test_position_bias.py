import pytest
import torch
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

from effexplorer.models.convert import keep_layers
from effexplorer.models.position_bias import PositionBias, bucket
from effexplorer.models.shrink import keep_width
from tests.tiny_models import logits_of, tiny_classifier, tiny_config, toy_examples

WHOLE = [list(range(64))] * 3


def test_buckets_are_those_of_mpnet():
    distances = torch.arange(-600, 601)
    expected = MPNetEncoder.relative_position_bucket(distances, num_buckets=32)
    assert torch.equal(bucket(distances, 32), expected)


def test_a_score_is_raised_by_the_distance_of_key_and_query():
    bias = PositionBias(tiny_config(buckets=32))
    added = bias(None, 5)  # (1, heads, queries, keys)
    row = bucket(torch.tensor([3 - 1]), 32)
    assert added.shape == (1, 4, 5, 5)
    assert torch.equal(added[0, :, 1, 3], bias.table.weight[row[0]])


def test_a_key_that_is_masked_gets_no_attention():
    mask = torch.tensor([[True, True, False], [True, True, True]])[:, None, None]
    added = PositionBias(tiny_config(buckets=32))(mask, 3)
    assert added[0, :, :, 2].isneginf().all() and added[1].isfinite().all()


def test_layers_share_one_bias():
    model = tiny_classifier(buckets=32)
    assert [name for name in model.state_dict() if "bias.table" in name] == [
        "position_bias.table.weight"
    ]
    assert model.position_bias.table.weight.shape == (32, 4)


def test_a_bias_changes_answers():
    model, examples = tiny_classifier(buckets=32), toy_examples()
    before = logits_of(model, examples)
    model.position_bias.table.weight.data.mul_(20)
    assert (logits_of(model, examples) - before).abs().max() > 1e-3


def test_a_column_that_no_head_uses_is_gone():
    model = tiny_classifier(buckets=32)
    narrower = keep_width(model, [[0, 2], [3], [2, 0]], WHOLE)
    assert narrower.config.bias_heads == [[0, 1], [2], [1, 0]]
    kept = model.position_bias.table.weight[:, [0, 2, 3]]
    assert torch.equal(narrower.position_bias.table.weight, kept)


def test_a_column_that_one_layer_uses_stays():
    narrower = keep_width(tiny_classifier(buckets=32), [[0], [0, 1, 2, 3], [1]], WHOLE)
    assert narrower.config.bias_heads == [[0], [0, 1, 2, 3], [1]]
    assert narrower.position_bias.table.weight.shape == (32, 4)


def test_dropped_layers_take_the_columns_that_were_theirs_alone():
    narrower = keep_width(tiny_classifier(buckets=32), [[0], [0, 1, 2, 3], [1]], WHOLE)
    shorter = keep_layers(narrower, [0, 2])
    assert shorter.config.bias_heads == [[0], [1]]
    assert torch.equal(
        shorter.position_bias.table.weight, narrower.position_bias.table.weight[:, :2]
    )


def test_layers_that_stay_answer_as_before():
    model, examples = tiny_classifier(buckets=32, exits=[2]), toy_examples()
    batch = examples.batch(torch.arange(len(examples)).numpy())
    with torch.inference_mode():
        expected = model.hidden_states(batch.ids, batch.mask)[2]
        shorter = keep_layers(model, [0, 1]).hidden_states(batch.ids, batch.mask)[2]
    assert torch.equal(shorter, expected)


def test_heads_and_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one entry a head"):
        tiny_config(buckets=32, bias_heads=[[0], [0, 1], [0]])
