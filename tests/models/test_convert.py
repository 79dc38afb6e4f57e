import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from effexplorer.models.catalog import find_model
from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import finished, keep_layers, to_numeric
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.source import locate
from effexplorer.tasks.encoded import encode_split
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.reviews import read_reviews
from tests.tiny_models import WORDS, logits_of, thinned, tiny_classifier, toy_examples

FORMATS = ("int8-aware", "int8", "int4", "int2")


def weight_of(module) -> torch.Tensor:
    return module.dense() if hasattr(module, "dense") else module.weight


@pytest.mark.parametrize("numeric", FORMATS)
def test_biases_norms_and_classifier_are_kept(numeric):
    model = tiny_classifier()
    converted = to_numeric(model, numeric).state_dict()
    kept = [name for name in model.state_dict() if name.endswith("bias") or "norm" in name]
    kept += ["embeddings.position.weight", "pooler.weight", "classifier.weight"]
    for name in kept:
        assert torch.equal(converted[name], model.state_dict()[name]), name


@pytest.mark.parametrize(("numeric", "share"), [("int8", 0.01), ("int4", 0.1), ("int2", 0.5)])
def test_every_matrix_is_near_its_original(numeric, share):
    model = tiny_classifier()
    converted = to_numeric(model, numeric)
    for name, module in (
        *encoder_matrices(model).items(),
        ("embeddings.word", model.embeddings.word),
    ):
        weight = module.weight.detach()
        error = (weight_of(converted.get_submodule(name)) - weight).abs().max()
        assert 0 < error <= share * (weight.max() - weight.min()), name


@pytest.mark.parametrize("numeric", FORMATS)
def test_the_original_is_left_alone(numeric):
    model = tiny_classifier()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    converted = to_numeric(model, numeric)
    converted.classifier.weight.data.zero_()
    converted.config.heads[0] = 99
    assert model.config.numeric == "fp32" and model.config.heads == [4, 4, 4]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_int8_answers_are_near_those_of_fp32():
    model, examples = tiny_classifier(vocab_size=WORDS), toy_examples()
    exact, rounded = logits_of(model, examples), logits_of(to_numeric(model, "int8"), examples)
    assert (exact - rounded).abs().max() < 0.05 * exact.std()


def test_int8_aware_answers_are_near_those_of_int8():
    aware, examples = to_numeric(tiny_classifier(), "int8-aware"), toy_examples()
    together = logits_of(aware, examples), logits_of(finished(aware), examples)
    torch.testing.assert_close(*together, atol=0.02, rtol=0)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_an_int8_answer_does_not_depend_on_its_batch(pooling):
    model, examples = to_numeric(tiny_classifier(pooling=pooling), "int8"), toy_examples(30)
    for row in (0, 7, 19):
        alone = logits_of_rows(model, examples, [row])[0]
        for others in ([1], [4, 5, 6], list(range(20, 30)), [row] * 5):
            among = logits_of_rows(model, examples, [*others, row])[-1]
            torch.testing.assert_close(among, alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("numeric", ["int8", "int4", "int2"])
def test_zeros_of_a_pruned_model_stay_zeros(numeric):
    model = thinned(tiny_classifier(), 0.7)
    converted = to_numeric(model, numeric)
    for name, module in encoder_matrices(model).items():
        assert not weight_of(converted.get_submodule(name))[module.weight == 0].any()
    assert converted.config.sparse


@pytest.mark.parametrize("numeric", ["fp32", "int8", "int4"])
def test_only_an_aware_model_is_finished_by_another_format(numeric):
    model = to_numeric(tiny_classifier(), numeric) if numeric != "fp32" else tiny_classifier()
    assert finished(model) is model


def test_kept_layers_are_those_named_in_that_order():
    model = tiny_classifier(heads=[1, 2, 3], ffn=[8, 16, 24])
    smaller = keep_layers(model, [2, 0])
    assert (smaller.config.heads, smaller.config.ffn) == ([3, 1], [24, 8])
    for new, old in enumerate([2, 0]):
        ours, theirs = smaller.layers[new].state_dict(), model.layers[old].state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert torch.equal(smaller.embeddings.word.weight, model.embeddings.word.weight)


def test_keeping_layers_copies_the_weights():
    model = tiny_classifier()
    keep_layers(model, [0, 1]).layers[0].up.weight.data.zero_()
    assert model.layers[0].up.weight.any()


def test_more_than_ten_layers_keep_their_own_weights():
    model = tiny_classifier(heads=[1] * 12, ffn=[8] * 12)
    smaller = keep_layers(model, [1, 10, 11])
    assert torch.equal(smaller.layers[1].up.weight, model.layers[10].up.weight)
    assert torch.equal(smaller.layers[0].up.weight, model.layers[1].up.weight)


def logits_of_rows(model, examples, rows) -> torch.Tensor:
    batch = examples.batch(np.array(rows))
    with torch.inference_mode():
        return model.eval()(batch.ids, batch.mask, batch.token_types).logits


def test_an_int8_answer_of_the_real_minilm_does_not_depend_on_its_batch():
    folder = locate(find_model("minilm")).folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    spec = find_task("reviews")
    examples = encode_split(read_reviews(spec)[1].rows(list(range(0, 80, 5))), spec, tokenizer)
    model = to_numeric(import_checkpoint(folder, labels=2, pooling="mean"), "int8")
    together = logits_of(model, examples)
    for row in (0, 5, 11):
        alone = logits_of_rows(model, examples, [row])[0]
        torch.testing.assert_close(alone, together[row], atol=1e-5, rtol=0)
