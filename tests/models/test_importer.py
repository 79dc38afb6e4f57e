import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel

from effexplorer.errors import UserError
from effexplorer.models.config_check import ALIASES
from effexplorer.models.importer import import_checkpoint
from tests.tiny_models import shaken

SHAPE = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
)
IDS = torch.tensor([[1, 9, 4, 2]])


@pytest.fixture
def folder(tmp_path):
    """Return a folder with an encoder and no classifier."""
    torch.manual_seed(0)
    shaken(BertModel(SHAPE), 0.1).save_pretrained(tmp_path)
    return tmp_path


def edit(folder, **changes) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_the_encoder_is_that_of_the_checkpoint(folder):
    theirs = BertModel.from_pretrained(folder).eval()
    ours = import_checkpoint(folder, labels=2)
    with torch.inference_mode():
        mine, other = ours.hidden_states(IDS, None)[-1], theirs(IDS).last_hidden_state
    torch.testing.assert_close(mine, other, atol=1e-5, rtol=0)


def test_the_seed_decides_the_head(folder):
    heads = [import_checkpoint(folder, labels=2, seed=s).classifier.weight for s in (1, 1, 2)]
    assert torch.equal(heads[0], heads[1]) and not torch.equal(heads[0], heads[2])


def test_the_import_leaves_the_random_state_alone(folder):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    import_checkpoint(folder, labels=2)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_there_are_as_many_outputs_as_asked_for(folder, labels):
    model = import_checkpoint(folder, labels=labels)
    assert model(IDS).logits.shape == (1, labels)
    assert model.config.num_labels == labels


def test_a_regressor_that_is_drawn_begins_with_the_mean(folder):
    model = import_checkpoint(folder, labels=1, mean=2.7)
    assert model.classifier.bias.tolist() == pytest.approx([2.7])
    assert torch.equal(
        model.classifier.weight, import_checkpoint(folder, labels=1).classifier.weight
    )


def test_a_regressor_of_the_checkpoint_keeps_its_bias(tmp_path):
    config = BertConfig.from_dict(SHAPE.to_dict() | {"num_labels": 1})
    theirs = shaken(BertForSequenceClassification(config), 0.1)
    theirs.save_pretrained(tmp_path)
    ours = import_checkpoint(tmp_path, labels=1, mean=2.7)
    assert torch.equal(ours.classifier.bias, theirs.classifier.bias)


def test_a_head_for_other_labels_is_drawn_anew(tmp_path):
    config = BertConfig.from_dict(SHAPE.to_dict() | {"num_labels": 5})
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    assert import_checkpoint(tmp_path, labels=2)(IDS).logits.shape == (1, 2)


def test_a_masked_language_model_can_be_imported(tmp_path):
    source = BertForMaskedLM(SHAPE)
    source.save_pretrained(tmp_path)
    ours = import_checkpoint(tmp_path, labels=2)
    assert torch.equal(ours.embeddings.word.weight, source.bert.embeddings.word_embeddings.weight)


def test_mean_pooling_has_no_pooler(folder):
    model = import_checkpoint(folder, labels=2, pooling="mean")
    assert not [name for name in model.state_dict() if "pooler" in name]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "unheard-of"}, "of the family bert, .* or mpnet; got unheard-of."),
        ({"model_type": None}, "of the family bert, .* or mpnet; got None."),
        ({"hidden_act": "mish"}, "with the activation gelu or .*; got mish."),
        ({"num_hidden_layers": 3}, "a whole checkpoint .*encoder.layer.2"),
        ({"hidden_size": 32}, "a whole checkpoint .*of the shape that config.json tells"),
        ({"layer_norm_eps": "small"}, "a whole checkpoint .*expected float, got str"),
    ],
)
def test_a_config_that_does_not_fit_is_told_in_a_sentence(folder, changes, said):
    edit(folder, **changes)
    with pytest.raises(UserError, match=f"^model: must be {said}") as raised:
        import_checkpoint(folder, labels=2)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("left", [b"", b"{", b"\xff\xfe\x00garbage"])
def test_a_damaged_file_is_told_in_a_sentence(folder, name, left):
    (folder / name).write_bytes(left)
    with pytest.raises(UserError, match=r"^model: must be a whole checkpoint") as raised:
        import_checkpoint(folder, labels=2)
    assert "\n" not in str(raised.value)


def test_a_truncated_file_is_told_in_a_sentence(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"^model: must be a whole checkpoint"):
        import_checkpoint(folder, labels=2)


@pytest.mark.parametrize("alias", ALIASES)
def test_an_activation_under_another_name_is_that_of_transformers(folder, alias):
    edit(folder, hidden_act=alias)
    theirs, ours = BertModel.from_pretrained(folder).eval(), import_checkpoint(folder, labels=2)
    with torch.inference_mode():
        mine, other = ours.hidden_states(IDS, None)[-1], theirs(IDS).last_hidden_state
    torch.testing.assert_close(mine, other, atol=1e-5, rtol=0)


def change(folder, edit_state) -> None:
    path = folder / "model.safetensors"
    save_file(edit_state(load_file(path)), path, metadata={"format": "pt"})


def test_layers_that_the_config_does_not_tell_of_are_refused(folder):
    edit(folder, num_hidden_layers=1)
    with pytest.raises(
        UserError, match=r"got encoder\.layer\.1\..*, of which config\.json does not"
    ):
        import_checkpoint(folder, labels=2)


@pytest.mark.parametrize("prefix", ["model.", "module."])
def test_names_with_a_prefix_are_refused_with_the_name_that_is_there(folder, prefix):
    change(folder, lambda state: {prefix + name: value for name, value in state.items()})
    with pytest.raises(UserError, match=rf"got no bert\..*, but {prefix}"):
        import_checkpoint(folder, labels=2)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(folder, value):
    name = "encoder.layer.0.output.dense.weight"
    change(folder, lambda state: state | {name: state[name] * value})
    with pytest.raises(UserError, match=r"finite weights; got others in layers\.0\.down\.weight"):
        import_checkpoint(folder, labels=2)


@pytest.mark.parametrize(
    "body", [b"version https://git-lfs.github.com/spec/v1\noid sha256:0", b"", b"\x80\x02}q"]
)
def test_an_old_file_that_is_damaged_is_told_in_a_sentence(folder, body):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(body)
    with pytest.raises(UserError, match=r"^model: must be a whole checkpoint") as raised:
        import_checkpoint(folder, labels=2)
    assert "\n" not in str(raised.value)


def test_code_beside_a_checkpoint_is_never_run(folder):
    edit(folder, model_type="custom", auto_map={"AutoConfig": "evil.Config"})
    (folder / "evil.py").write_text("raise SystemExit('ran')", "utf-8")
    with pytest.raises(UserError, match="got custom"):
        import_checkpoint(folder, labels=2)
