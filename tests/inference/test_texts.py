import pytest
from hypothesis import given
from hypothesis import strategies as st

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.inference.texts import as_list, check_text, encode, padded
from tests.tiny_models import toy_tokenizer

ONE, PAIR = ("sentence",), ("question", "sentence")
TOKENIZER = toy_tokenizer()
words = st.lists(st.sampled_from(["good", "bad", "word7", "unheard"]), min_size=1, max_size=40)
texts = words.map(" ".join)


def encoded(text, columns=ONE, length=16):
    return encode([check_text(text, columns)], columns, TOKENIZER, length)[0]


@given(texts)
def test_a_text_is_encoded_and_cut_as_the_training_data_are(text):
    found = encoded(text)
    assert found.ids == TOKENIZER(text, truncation=True, max_length=16)["input_ids"]
    assert found.truncated == (len(TOKENIZER(text)["input_ids"]) > 16)


@given(texts, texts, st.integers(8, 17))
def test_a_pair_is_encoded_and_cut_as_the_training_data_are(first, second, length):
    found = encoded((first, second), PAIR, length)
    expected = TOKENIZER(first, second, truncation=True, max_length=length)
    assert found.ids == expected["input_ids"]
    assert found.token_types == expected["token_type_ids"]
    assert found.truncated == (len(TOKENIZER(first, second)["input_ids"]) > length)


@pytest.mark.parametrize(
    "text",
    [
        "good " * 10_000,
        "x" * limits.MAX_TEXT_CHARACTERS,
        "🙂 good 👩‍👩‍👧‍👦",
        "טוב מאוד good",
        "\u202egood\u202c",
        "go\u0301\u0302\u0303od" + "\u0301" * 5_000,
        "good\x00bad",
        "lone \ud800 surrogate \udfff",
        "<script>alert('good')</script> <b>",
        "{{ 7 * 7 }} ${HOME} %s {0}",
        "good\nbad\r\n\tgood",
        "\ufeffgood",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_whatever_is_typed_is_encoded(text):
    found = encoded(text)
    assert found.text == text
    assert 3 <= len(found.ids) <= 16


@pytest.mark.parametrize("pair", [("good " * 10_000, "bad " * 10_000), ("good", "bad " * 10_000)])
def test_a_long_pair_is_encoded_before_one_looks_up(pair):
    found = encoded(pair, PAIR)
    assert len(found.ids) == 16 and found.truncated


def test_words_that_the_vocabulary_does_not_have_are_counted():
    assert encoded("good bad").unknown == 0
    assert encoded("🙂 good 🙂").unknown == 2
    assert encoded("good " * 20 + "🙂").unknown == 0  # cut off, so it is not read at all
    assert encoded(("🙂", "good"), PAIR).unknown == 1


def test_special_tokens_that_are_typed_are_text():
    ids = encoded("good [SEP] [PAD] [CLS] bad", length=48).ids
    assert [ids.count(one) for one in TOKENIZER.convert_tokens_to_ids(["[CLS]", "[SEP]"])] == [1, 1]
    assert TOKENIZER.pad_token_id not in ids


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u2003\u00a0"])
def test_nothing_but_space_is_refused(text):
    with pytest.raises(UserError, match=r"^sentence: must have a word; got nothing but space\.$"):
        encoded(text)


@pytest.mark.parametrize("text", ["\x00", "\u200b\u200b", "\u202e", "\u0301"])
def test_a_text_without_anything_to_read_is_refused(text):
    with pytest.raises(UserError, match="must have a word; got nothing that the model can read"):
        encoded(text)


def test_a_pair_with_an_unreadable_second_text_is_refused_by_its_name():
    with pytest.raises(UserError, match=r"^sentence: must have a word"):
        encoded(("good", "\x00"), PAIR)


def test_a_text_that_is_too_long_is_refused_with_both_numbers():
    text = "x" * (limits.MAX_TEXT_CHARACTERS + 1)
    with pytest.raises(UserError, match=r"at most 50000 characters; got 50001\.$"):
        encoded(text)


@pytest.mark.parametrize(
    ("text", "columns", "sentence"),
    [
        (("a", "b"), ONE, r"text: must be one text; got 2 texts\."),
        ("a", PAIR, r"text: must be a pair of texts \(question, sentence\); got one text\."),
        (("a", "b", "c"), PAIR, r"text: must be a pair of texts .*; got 3 texts\."),
        (7, ONE, r"text: must be one text; got int\."),
        (None, PAIR, r"text: must be a pair of texts .*; got NoneType\."),
        (b"good", ONE, r"text: must be one text; got bytes\."),
        (("good", 7), PAIR, r"sentence: must be text; got int\."),
    ],
)
def test_what_is_no_text_of_the_task_is_refused(text, columns, sentence):
    with pytest.raises(UserError, match=f"^{sentence}$"):
        check_text(text, columns)


def test_rows_are_padded_on_the_right():
    rows = encode([("good", "bad bad"), ("bad", "good")], PAIR, TOKENIZER, 16)
    ids, types, lengths = padded(rows, TOKENIZER.pad_token_id)
    assert lengths.tolist() == [6, 5]
    assert ids[1].tolist() == [*rows[1].ids, TOKENIZER.pad_token_id]
    assert types[0].tolist() == rows[0].token_types


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a", (["a"], False)),
        (("a", "b"), ([("a", "b")], False)),
        (["a"], (["a"], True)),
        ([], ([], True)),
        (iter(["a", "b"]), (["a", "b"], True)),
        (7, ([7], False)),
        (b"a", ([b"a"], False)),
        ({"a": 1}, ([{"a": 1}], False)),
    ],
)
def test_one_text_is_told_from_a_list(given, expected):
    assert as_list(given) == expected
