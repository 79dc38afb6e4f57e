import re

import pytest

from effexplorer.models.config_check import (
    ACTIVATIONS,
    ALIASES,
    OTHERS,
    config_problem,
    layer_count,
)
from effexplorer.models.families import FAMILIES
from effexplorer.models.layers import ACTIVATIONS as COMPUTED

BERT = {"model_type": "bert", "num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 4}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_config_that_tells_the_family_alone_has_no_problem(family):
    assert config_problem({"model_type": family, "pad_token_id": 1}) is None


@pytest.mark.parametrize("family", OTHERS)
def test_a_family_that_cannot_be_read_is_named_with_the_reason(family):
    assert config_problem({"model_type": family}).endswith(f"; got {family}, {OTHERS[family]}.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": ["bert"]}, "of the family bert, .*; got .'bert'"),
        ({"num_hidden_layers": "2"}, "num_hidden_layers must be a whole number above 0; got 2"),
        ({"hidden_size": 32.5}, "hidden_size must be a whole number above 0; got 32.5"),
        ({"vocab_size": -1}, "vocab_size must be a whole number above 0; got -1"),
        ({"num_attention_heads": 5}, "multiple of num_attention_heads; got 32 and 5"),
        ({"vocab_size": 10**400}, "at most 1,073,741,824 parameters; .*1,000,000,000,000,000,000"),
        (
            {"num_hidden_layers": 10**6},
            "at most 1,073,741,824 parameters; config.json tells of 4,0",
        ),
        ({"position_embedding_type": "relative_key"}, "must be absolute, .*; got relative_key"),
        ({"is_decoder": True}, "an encoder; got is_decoder: True"),
        ({"add_cross_attention": True}, "an encoder; got add_cross_attention: True"),
        (
            {"quantization_config": {"load_in_8bit": True}},
            "whole weights .*; got quantization_config",
        ),
        ({"pruned_heads": {"0": [1]}}, "whole weights .*; got pruned_heads"),
        ({"hidden_act": "mish"}, "with the activation gelu or .*; got mish"),
        ({"hidden_act": ["gelu"]}, "with the activation gelu or .*; got .'gelu'"),
        ({"id2label": ["bad", "good"]}, "id2label must map numbers to names; got list"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(changes, said):
    told = config_problem(BERT | changes)
    assert told.startswith("model: ") and told.endswith(".") and "\n" not in told
    assert re.search(said, told)


@pytest.mark.parametrize("plain", [None, [], "bert", 3])
def test_a_config_that_is_no_object_is_one_sentence(plain):
    assert config_problem(plain).startswith("model: config.json must hold an object")
    assert layer_count(plain) is None


def test_positions_after_the_padding_need_a_padding_id():
    config = {"model_type": "roberta", "pad_token_id": None}
    assert config_problem(config) == (
        "model: pad_token_id must be a number, after which positions start; got None."
    )
    assert config_problem(BERT | {"pad_token_id": None}) is None


def test_fields_have_the_names_of_their_family():
    config = {"model_type": "distilbert", "n_layers": 6, "dim": 30, "n_heads": 4}
    assert layer_count(config) == 6
    assert "got 30 and 4" in config_problem(config)
    assert "got mish" in config_problem(config | {"dim": 32, "activation": "mish"})


def test_null_fields_that_transformers_fills_are_no_problem():
    nulls = dict.fromkeys(("position_embedding_type", "is_decoder", "pruned_heads", "id2label"))
    assert config_problem(BERT | nulls) is None


def test_activations_are_those_that_layers_compute():
    assert set(ACTIVATIONS) == set(COMPUTED) >= set(ALIASES.values())
