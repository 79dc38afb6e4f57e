"""Files on disk: what is saved opens again with the same answers, and is as small as promised."""

import json
import subprocess
import sys

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification

from effexplorer.errors import UserError
from effexplorer.models.checkpoint import WEIGHTS, encoder_matrices
from effexplorer.models.config import NUMERICS
from effexplorer.models.convert import to_numeric
from tests.tiny_models import logits_of, thinned, tiny_classifier, toy_examples

WIDE = {"hidden_size": 128, "head_size": 32, "ffn": [512, 512, 512]}


def a_model(numeric: str = "fp32", sparsity: float = 0.0, **changes):
    model = tiny_classifier(**changes)
    if sparsity:
        thinned(model, sparsity)
    return model if numeric == "fp32" else to_numeric(model, numeric)


def reopened(model, folder):
    model.save_pretrained(folder)
    return AutoModelForSequenceClassification.from_pretrained(folder)


def size(model, folder) -> int:
    model.save_pretrained(folder)
    return (folder / WEIGHTS).stat().st_size


@pytest.mark.parametrize("numeric", NUMERICS)
@pytest.mark.parametrize("sparsity", [0.0, 0.6, 0.97])
def test_a_reopened_model_answers_exactly_the_same(tmp_path, numeric, sparsity):
    model, examples = a_model(numeric, sparsity), toy_examples()
    again = reopened(model, tmp_path)
    assert type(again) is type(model) and not again.training
    assert torch.equal(logits_of(again, examples), logits_of(model, examples))
    for name, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


@pytest.mark.parametrize("numeric", ["fp32", "int8", "int4"])
def test_layers_of_different_widths_reopen(tmp_path, numeric):
    shape = {"heads": [4, 1, 3], "ffn": [16, 120, 33], "pooling": "mean", "num_labels": 3}
    model, examples = a_model(numeric, 0.5, **shape), toy_examples(pairs=True)
    again = reopened(model, tmp_path)
    assert [layer.heads for layer in again.layers] == [4, 1, 3]
    assert torch.equal(logits_of(again, examples), logits_of(model, examples))


def test_a_model_opens_in_a_fresh_process(tmp_path):
    model, examples = a_model("int8", 0.6), toy_examples(4)
    model.save_pretrained(tmp_path)
    batch = examples.batch(torch.arange(4).numpy())
    code = (
        "import json, sys, torch, effexplorer.models.slimbert\n"
        "from transformers import AutoModelForSequenceClassification as Auto\n"
        "model = Auto.from_pretrained(sys.argv[1])\n"
        "ids, mask = map(torch.tensor, json.loads(sys.argv[2]))\n"
        "sys.stdout.write(json.dumps(model(ids, mask).logits.tolist()))\n"
    )
    plain = json.dumps([batch.ids.tolist(), batch.mask.tolist()])
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-c", code, str(tmp_path), plain],
        capture_output=True,
        text=True,
        check=True,
    )
    torch.testing.assert_close(
        torch.tensor(json.loads(done.stdout)), logits_of(model, examples), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("numeric", NUMERICS)
def test_a_folder_holds_a_config_and_safetensors_alone(tmp_path, numeric):
    a_model(numeric, 0.5).save_pretrained(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", WEIGHTS}


@pytest.mark.parametrize("sparsity", [0.5, 0.8, 0.95])
def test_a_pruned_file_holds_a_bit_for_each_weight_and_the_values_that_are_left(tmp_path, sparsity):
    model = a_model("fp32", sparsity, **WIDE)
    weights = sum(module.weight.numel() for module in encoder_matrices(model).values())
    whole = sum(value.nbytes for value in model.state_dict().values())
    expected = whole - 4 * weights + weights / 8 + 4 * (1 - sparsity) * weights
    assert expected <= size(model, tmp_path) <= expected * 1.01 + 8192


def test_an_int8_file_holds_a_byte_for_each_weight_and_a_scale_for_each_row(tmp_path):
    model = a_model(**WIDE)
    modules = [*encoder_matrices(model).values(), model.embeddings.word]
    weights = sum(module.weight.numel() for module in modules)
    rows = sum(len(module.weight) for module in modules)
    whole = sum(value.nbytes for value in model.state_dict().values())
    expected = whole - 3 * weights + 4 * rows
    assert expected <= size(to_numeric(model, "int8"), tmp_path) <= expected + 8192


@pytest.mark.parametrize(("numeric", "bits"), [("int4", 4), ("int2", 2)])
def test_a_packed_file_holds_the_bits_and_a_scale_and_zero_for_each_group(tmp_path, numeric, bits):
    model = a_model(**WIDE)
    modules = [*encoder_matrices(model).values(), model.embeddings.word]
    weights = sum(module.weight.numel() for module in modules)
    whole = sum(value.nbytes for value in model.state_dict().values())
    expected = whole - 4 * weights + weights * bits / 8 + 5 * weights / 128
    assert expected <= size(to_numeric(model, numeric), tmp_path) <= expected + 8192


@pytest.mark.parametrize("numeric", NUMERICS)
@pytest.mark.parametrize("sparsity", [0.01, 0.1, 0.3, 0.9])
def test_a_pruned_file_is_never_larger_than_the_dense_one(tmp_path, numeric, sparsity):
    dense, pruned = a_model(numeric, **WIDE), a_model(numeric, sparsity, **WIDE)
    assert size(pruned, tmp_path / "pruned") <= size(dense, tmp_path / "dense")


def test_a_matrix_of_zeros_reopens(tmp_path):
    model = a_model("fp32", 0.5)
    model.layers[0].up.weight.data.zero_()
    again = reopened(to_numeric(model, "int2"), tmp_path)
    assert not again.layers[0].up.dense().any()


def test_saving_leaves_the_model_as_it_was(tmp_path):
    model, examples = a_model("int4", 0.8), toy_examples()
    before = logits_of(model, examples)
    model.save_pretrained(tmp_path)
    assert torch.equal(logits_of(model, examples), before)


def test_the_file_says_that_it_holds_tensors_of_torch(tmp_path):
    a_model().save_pretrained(tmp_path)
    with safe_open(tmp_path / WEIGHTS, "pt") as file:
        assert file.metadata() == {"format": "pt"}


def without(state: dict, name: str) -> dict:
    return {key: value for key, value in state.items() if key != name}


DAMAGES = {
    "a tensor is missing": lambda s: without(s, "classifier.bias"),
    "a tensor is too many": lambda s: s | {"extra": torch.zeros(1)},
    "a tensor has another shape": lambda s: s | {"classifier.weight": torch.zeros(2, 5)},
    "a mask is short": lambda s: s | {"layers.0.up.mask": s["layers.0.up.mask"][:3]},
    "a mask is no bytes": lambda s: s | {"layers.0.up.mask": torch.zeros(256)},
    "kept values are short": lambda s: s | {"layers.0.up.kept": s["layers.0.up.kept"][:-7]},
    "kept values are too many": lambda s: s | {"layers.0.up.kept": torch.zeros(10_000)},
    "kept values are missing": lambda s: without(s, "layers.0.up.kept"),
    "a mask is missing": lambda s: without(s, "layers.0.up.mask"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_does_not_fit_is_told_in_a_sentence(tmp_path, damage):
    a_model("fp32", 0.6).save_pretrained(tmp_path)
    save_file(DAMAGES[damage](load_file(tmp_path / WEIGHTS)), tmp_path / WEIGHTS)
    assert_told(tmp_path)


@pytest.mark.parametrize("numeric", ["int4", "int2"])
@pytest.mark.parametrize("name", ["mask", "kept"])
def test_a_packed_file_that_does_not_fit_is_told_in_a_sentence(tmp_path, numeric, name):
    a_model(numeric, 0.9).save_pretrained(tmp_path)
    state = load_file(tmp_path / WEIGHTS)
    state[f"layers.0.up.{name}"] = state[f"layers.0.up.{name}"][:2]
    save_file(state, tmp_path / WEIGHTS)
    assert_told(tmp_path)


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_file_is_told_in_a_sentence(tmp_path, kept):
    a_model().save_pretrained(tmp_path)
    path = tmp_path / WEIGHTS
    path.write_bytes(path.read_bytes()[:kept])
    assert_told(tmp_path)


def test_a_missing_file_is_told_in_a_sentence(tmp_path):
    a_model().save_pretrained(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    assert_told(tmp_path)


def assert_told(folder):
    with pytest.raises(
        UserError, match=f"^{WEIGHTS}: must be the whole file that was saved; "
    ) as raised:
        AutoModelForSequenceClassification.from_pretrained(folder)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and len(text) < 300
