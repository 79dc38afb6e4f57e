import collections
import itertools
import json

import numpy as np
import pytest
from tokenizers import (
    SentencePieceUnigramTokenizer,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    AutoTokenizer,
    CamembertTokenizerFast,
    PreTrainedTokenizerFast,
    RobertaTokenizerFast,
    XLMRobertaTokenizerFast,
)

from effexplorer.errors import UserError
from effexplorer.tasks.data import load_task
from effexplorer.tasks.vocabulary import kept_tokens, token_counts, trimmed

KINDS = ("wordpiece", "bytes", "words", "sentencepiece", "camembert")
UNKNOWN = "<unk>"
SPECIAL = ["<s>", "<pad>", "</s>", UNKNOWN, "<mask>"]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return load_task("reviews").train.texts[0]


@pytest.fixture(scope="module")
def tokenizers(tiny_model_folder, texts) -> dict:
    """Return a word-piece tokenizer, two BPEs and two of SentencePiece's Unigram.

    The BPEs are byte-level and one that marks the ends of words; CamemBERT's Unigram has unused
    tokens among the added ones.
    """
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.train_from_iterator(texts, trainer)
    model = learned.get_vocab(), merges(learned)
    byte_level = RobertaTokenizerFast(
        vocab=model[0], merges=model[1], model_max_length=48, padding_side="left"
    )
    words = Tokenizer(models.BPE(unk_token=UNKNOWN, end_of_word_suffix="</w>"))
    words.normalizer, words.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=SPECIAL, end_of_word_suffix="</w>", show_progress=False
    )
    words.train_from_iterator(texts, trainer)
    template = "<s> $A </s>", "<s> $A </s> $B </s>", [("<s>", 0), ("</s>", 2)]
    ends = processors.TemplateProcessing(
        single=template[0], pair=template[1], special_tokens=template[2]
    )
    words.post_processor = processors.Sequence([ends])
    names = zip(("cls", "pad", "sep", "unk", "mask"), SPECIAL, strict=True)
    marked = PreTrainedTokenizerFast(
        tokenizer_object=words, **{f"{name}_token": token for name, token in names}
    )
    return {
        "wordpiece": AutoTokenizer.from_pretrained(tiny_model_folder),
        "bytes": byte_level,
        "words": marked,
        "sentencepiece": XLMRobertaTokenizerFast(vocab=pieces(texts), model_max_length=48),
        "camembert": CamembertTokenizerFast(vocab=pieces(texts), truncation_side="left"),
    }


def pieces(texts) -> list[tuple[str, float]]:
    """Return a Unigram's pieces with their scores, as SentencePiece learns them from ``texts``."""
    learned = SentencePieceUnigramTokenizer()
    learned.train_from_iterator(
        texts, vocab_size=700, special_tokens=SPECIAL, unk_token=UNKNOWN, show_progress=False
    )
    return [tuple(entry) for entry in json.loads(learned.to_str())["model"]["vocab"]]


def merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


def cut(tokenizer, texts, minimum=1):
    """Return the tokenizer trimmed to ``texts``, and the ids that are left of the old ones."""
    counts = token_counts(tokenizer(texts)["input_ids"], len(tokenizer))
    kept = kept_tokens(tokenizer, counts, minimum)
    return trimmed(tokenizer, kept), kept


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 30, 900])
def test_the_texts_are_tokenized_as_before(tokenizers, texts, kind, count):
    old = tokenizers[kind]
    new, kept = cut(old, texts[:count])
    assert len(new) == len(kept) <= len(old)
    for text in texts[:count]:
        assert [kept[index] for index in new(text)["input_ids"]] == old(text)["input_ids"]
        assert new.tokenize(text) == old.tokenize(text)


@pytest.mark.parametrize("kind", KINDS)
def test_pairs_of_texts_are_tokenized_as_before(tokenizers, texts, kind):
    old = tokenizers[kind]
    new, kept = cut(old, texts[:40])
    for pair in itertools.pairwise(texts[:40]):
        mine, other = new(*pair), old(*pair)
        assert [kept[index] for index in mine.pop("input_ids")] == other.pop("input_ids")
        assert mine == other


@pytest.mark.parametrize("kind", KINDS)
def test_a_trimmed_tokenizer_survives_its_folder(tokenizers, texts, kind, tmp_path):
    new, _ = cut(tokenizers[kind], texts[:30])
    new.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again(texts)["input_ids"] == new(texts)["input_ids"]
    assert again.get_vocab() == new.get_vocab() and type(again) is type(new)
    assert again.backend_tokenizer.to_str() == new.backend_tokenizer.to_str()


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_and_settings_are_those_of_before(tokenizers, texts, kind):
    old = tokenizers[kind]
    new, kept = cut(old, texts[:30])
    assert type(new) is type(old)
    assert new.special_tokens_map == old.special_tokens_map
    for name in ("model_max_length", "padding_side", "truncation_side", "model_input_names"):
        assert getattr(new, name) == getattr(old, name)
    for name in ("pad", "unk", "cls", "sep", "mask"):
        old_id, new_id = getattr(old, f"{name}_token_id"), getattr(new, f"{name}_token_id")
        assert kept[new_id] == old_id
    padded = new([texts[0], "a"], padding=True)["input_ids"][1]
    assert new.pad_token_id in padded and len(padded) == len(new(texts[0])["input_ids"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_ids_are_a_run_from_0(tokenizers, texts, kind):
    new, kept = cut(tokenizers[kind], texts[:30])
    assert sorted(new.get_vocab().values()) == list(range(len(kept)))
    assert kept == sorted(set(kept))


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_never_seen_falls_into_pieces(tokenizers, texts, kind):
    old = tokenizers[kind]
    new, _ = cut(old, texts[:5])
    rest = [text for text in texts[5:200] if old.unk_token_id not in old(text)["input_ids"]]
    assert len(rest) > 50
    for text in rest:
        ids = new(text)["input_ids"]
        assert new.unk_token_id not in ids
        assert written(new, ids) == written(old, old(text)["input_ids"])


def written(tokenizer, ids) -> str:
    return tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("minimum", [2, 10])
def test_tokens_below_the_minimum_go(tokenizers, texts, kind, minimum):
    old, texts = tokenizers[kind], texts[:100]
    kept = cut(old, texts, minimum)[1]
    often = collections.Counter(itertools.chain(*old(texts)["input_ids"]))
    vocabulary = {index: token for token, index in old.get_vocab().items()}
    assert set(kept) >= {index for index, count in often.items() if count >= minimum}
    gone = set(vocabulary) - set(kept)
    assert gone and all(often[index] < minimum for index in gone)
    if kind == "wordpiece":
        rare = {vocabulary[index] for index in kept if often[index] < minimum}
        assert all(
            len(token.removeprefix("##")) == 1 for token in rare - set(old.all_special_tokens)
        )
    assert len(cut(old, texts, 1)[1]) > len(kept)


def test_only_merges_that_lead_to_kept_tokens_stay(tokenizers, texts):
    new, _ = cut(tokenizers["bytes"], texts[:30])
    left = merges(new.backend_tokenizer)
    assert 0 < len(left) < len(merges(tokenizers["bytes"].backend_tokenizer))
    assert all({a, b, a + b} <= new.get_vocab().keys() for a, b in left)


def test_a_token_with_two_origins_keeps_both():
    vocabulary = {token: index for index, token in enumerate(["<unk>", *"abc", "ab", "bc", "abc"])}
    pairs = [("b", "c"), ("a", "b"), ("a", "bc"), ("ab", "c")]
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs, unk_token=UNKNOWN))
    backend.add_special_tokens(["<unk>"])
    old = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token=UNKNOWN)
    counts = np.array([0, 0, 0, 0, 0, 0, 1])
    assert kept_tokens(old, counts, 1) == list(range(7))


def test_an_unknown_character_costs_a_unigram_as_much_as_before():
    entries = {"<unk>": 0.0, "▁": -1.0, "xy": -12.0, "z": -12.0, "yz": -1.0, "rare": -20.0}
    backend = Tokenizer(models.Unigram(list(entries.items()), unk_id=0))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    old = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token=UNKNOWN)
    used = ["xyz", "yz"]
    assert old.tokenize("xyz") == ["▁", "xy", "z"]
    new, _ = cut(old, used)
    assert new.tokenize("xyz") == ["▁", "xy", "z"]  # x alone would be cheaper without "rare"


def test_an_added_token_stays_and_is_found(tokenizers, texts, tiny_model_folder):
    old = AutoTokenizer.from_pretrained(tiny_model_folder)
    old.add_tokens(["filmstar", "[NAME]"])
    new, kept = cut(old, texts[:10])
    assert new.tokenize("the filmstar and [NAME]") == old.tokenize("the filmstar and [NAME]")
    assert kept[new.convert_tokens_to_ids("filmstar")] == old.convert_tokens_to_ids("filmstar")


def test_trimming_leaves_the_old_tokenizer_alone(tokenizers, texts):
    old = tokenizers["wordpiece"]
    before = old.backend_tokenizer.to_str()
    cut(old, texts[:10])
    assert old.backend_tokenizer.to_str() == before


def test_trimming_twice_is_trimming_once(tokenizers, texts):
    once, _ = cut(tokenizers["bytes"], texts[:30])
    twice, kept = cut(once, texts[:30])
    assert kept == list(range(len(once))) and twice.get_vocab() == once.get_vocab()


def test_a_tokenizer_of_another_kind_is_refused():
    backend = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1}, unk_token=UNKNOWN))
    old = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token=UNKNOWN)
    with pytest.raises(UserError) as raised:
        kept_tokens(old, np.ones(2), 1)
    assert str(raised.value) == (
        "trim: the model's tokenizer must be WordPiece, BPE or Unigram; got WordLevel."
    )
