import pytest
from transformers import AutoConfig

from effexplorer.models import slimbert  # noqa: F401 - registers the configuration
from effexplorer.models.config import SlimBertConfig


def test_widths_of_every_layer_survive_a_save(tmp_path):
    SlimBertConfig(heads=[3, 1, 2], ffn=[7, 70, 5], numeric="int8", sparse=True).save_pretrained(
        tmp_path
    )
    config = AutoConfig.from_pretrained(tmp_path)
    assert type(config) is SlimBertConfig
    assert (config.heads, config.ffn) == ([3, 1, 2], [7, 70, 5])
    assert (config.numeric, config.sparse, config.num_hidden_layers) == ("int8", True, 3)


def test_configurations_do_not_share_their_lists():
    heads = [1, 2]
    config = SlimBertConfig(heads=heads, ffn=[8, 8])
    heads.append(3)
    assert config.heads == [1, 2]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"heads": [1], "ffn": [8, 8]}, "one entry a layer"),
        (
            {"numeric": "int3"},
            "numeric must be one of fp32, int8-aware, int8, int4, int2; got int3",
        ),
        ({"pooling": "max"}, "pooling must be cls or mean; got max"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(fields, said):
    with pytest.raises(ValueError, match=said):
        SlimBertConfig(**fields)
