import pytest
import torch
from transformers import AutoModelForSequenceClassification

from effexplorer.models.convert import to_numeric
from effexplorer.models.trim_vocabulary import keep_words
from tests.tiny_models import PAD, VOCABULARY, WORDS, logits_of, tiny_classifier, toy_examples

FORMATS = ("fp32", "int8-aware", "int8")


def a_model(numeric="fp32", **changes):
    model = tiny_classifier(**changes)
    return model if numeric == "fp32" else to_numeric(model, numeric)


def renumbered(examples, words):
    ids = [[words.index(id) for id in one] for one in examples.ids]
    return type(examples)(ids, examples.token_types, examples.labels, words.index(PAD))


@pytest.mark.parametrize("numeric", FORMATS)
@pytest.mark.parametrize("rank", [0, 8])
@pytest.mark.parametrize(
    "words", [list(range(WORDS)), [VOCABULARY - 1, *range(WORDS)]], ids=["front", "back"]
)
def test_answers_are_the_same_to_the_last_bit(numeric, rank, words, tmp_path):
    model, examples = a_model(numeric, rank=rank), toy_examples()
    smaller, expected = keep_words(model, words, tokens=48), logits_of(model, examples)
    assert smaller.config.vocab_size == len(words)
    assert smaller.config.pad_token_id == words.index(PAD)
    assert torch.equal(logits_of(smaller, renumbered(examples, words)), expected)
    smaller.save_pretrained(tmp_path)
    again = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert torch.equal(logits_of(again, renumbered(examples, words)), expected)


@pytest.mark.parametrize("numeric", FORMATS)
def test_the_rows_are_gone(numeric):
    model = a_model(numeric)
    sizes = [
        sum(value.nbytes for value in one.state_dict().values())
        for one in (model, keep_words(model, [PAD, 5, 6], tokens=48))
    ]
    row = 32 * 4 if numeric != "int8" else 32 + 4
    assert sizes[0] - sizes[1] == row * (VOCABULARY - 3)


def test_the_original_is_left_alone():
    model = a_model()
    smaller = keep_words(model, [PAD, 7], tokens=48)
    smaller.embeddings.word.weight.data.zero_()
    assert model.embeddings.word.weight[7].any() and model.config.vocab_size == VOCABULARY


def test_an_aware_model_trains_on():
    smaller = keep_words(a_model("int8-aware"), [PAD, 7], tokens=48)
    assert all(parameter.requires_grad for parameter in smaller.parameters())


def test_positions_that_no_text_reaches_leave():
    model, examples = a_model("fp32"), toy_examples(8)
    longest = int(examples.lengths.max())
    smaller = keep_words(model, list(range(VOCABULARY)), tokens=longest)
    assert len(smaller.embeddings.position.weight) == longest
    assert torch.equal(logits_of(smaller, examples), logits_of(model, examples))
