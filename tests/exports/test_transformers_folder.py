import json

import numpy as np
import pytest

from effexplorer.exports.native import obstacle
from effexplorer.exports.transformers_folder import left_out, write
from tests.exports.builders import ODD, PLAIN, a_source, logits, read_all

CLASSES = {
    "bert": "BertForSequenceClassification",
    "roberta": "RobertaForSequenceClassification",
    "distilbert": "DistilBertForSequenceClassification",
    "electra": "ElectraForSequenceClassification",
    "mpnet": "MPNetForSequenceClassification",
}


CODED = [
    *((shape, "fp32") for shape in ODD),
    ("mean", "int8"),
    ("narrow", "int8"),
    ("mean", "int4"),
]


@pytest.fixture(scope="module")
def sources():
    """Give a run of every shape, by name."""
    made = {family: a_source(**PLAIN[family]) for family in PLAIN}
    return made | {f"{shape} {kind}": a_source(kind, **ODD[shape]) for shape, kind in CODED}


@pytest.fixture(scope="module")
def opened(sources, tmp_path_factory):
    """Give what a program without ours makes of the folders of all runs."""
    folder = tmp_path_factory.mktemp("hf")
    for name, source in sources.items():
        write(source, folder / name)
    kinds = {name: "hf" if name in PLAIN else "hf with code" for name in sources}
    return read_all({name: (kind, folder / name) for name, kind in kinds.items()})


@pytest.mark.parametrize("family", PLAIN)
def test_a_whole_shape_is_one_of_transformers_own_classes(family, sources, opened):
    assert obstacle(sources[family].model) is None
    assert opened[family]["class"] == CLASSES[family]


@pytest.mark.parametrize(("shape", "numeric"), CODED)
def test_any_other_shape_brings_its_code_along(shape, numeric, sources, opened):
    name = f"{shape} {numeric}"
    assert obstacle(sources[name].model)
    assert opened[name]["class"] == "SlimBertForSequenceClassification"


@pytest.mark.parametrize("name", [*PLAIN, *(f"{shape} {numeric}" for shape, numeric in CODED)])
def test_logits_labels_and_length_are_those_of_the_run(name, sources, opened):
    said, labels = logits(sources[name]), ["negative", "positive"]
    np.testing.assert_allclose(opened[name]["logits"], said, atol=1e-5)
    assert opened[name]["labels"] == labels
    assert opened[name]["pipeline"] == [labels[one] for one in said.argmax(1)]
    assert opened[name]["length"] == 32


def test_int8_weights_stay_integers_in_the_file(tmp_path):
    for numeric in ("fp32", "int8"):
        write(a_source(numeric, pooling="mean"), tmp_path / numeric)
    sizes = [(tmp_path / one / "model.safetensors").stat().st_size for one in ("fp32", "int8")]
    assert sizes[1] < 0.6 * sizes[0]


def test_a_regression_is_told_as_one(tmp_path):
    write(a_source(task="stsb"), tmp_path / "out")
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["problem_type"], config["id2label"]) == ("regression", {"0": "score"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"exits": True}, ["hf: exits are left out, since the format has one head."]),
        ({"pooling": "mean"}, ["its pooling is the mean"]),
        ({"heads": [4, 3, 4]}, ["heads were taken away"]),
        ({"ffn": [64, 32, 64]}, ["its layers have different widths"]),
        ({"rank": 8}, ["its word embedding is factorised"]),
        ({"numeric": "int8"}, ["its weights are int8"]),
        ({"numeric": "int4"}, ["its weights are int4", "int4 weights stand as fp32"]),
        ({"position_offset": 5}, ["its parts are those of no one family"]),
        ({"sparse": True}, ["pruned zeros are stored like other weights"]),
    ],
)
def test_what_the_format_cannot_hold_is_told(changes, said):
    found = left_out(a_source(**changes))
    assert len(found) == len(said)
    assert all(part in sentence for part, sentence in zip(said, found, strict=True))
