import re
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from effexplorer.errors import UserError
from effexplorer.tasks import reviews
from effexplorer.tasks.reviews import DIFFICULTIES, read_reviews
from effexplorer.tasks.spec import TASKS

TRAIN, VALIDATION = read_reviews(TASKS["reviews"])
SENTENCES = list(chain(TRAIN.texts[0], VALIDATION.texts[0]))


def words(sentence):
    return re.findall(r"[a-z']+", sentence.lower())


def test_there_are_enough_sentences_in_both_splits():
    assert len(TRAIN) >= 1_000
    assert len(VALIDATION) >= 280


def test_no_sentence_stands_twice():
    assert len({" ".join(words(sentence)) for sentence in SENTENCES}) == len(SENTENCES)


def test_no_two_sentences_begin_with_the_same_five_words():
    starts = Counter(" ".join(words(sentence)[:5]) for sentence in SENTENCES)
    assert [start for start, count in starts.items() if count > 1] == []


def test_no_validation_sentence_has_half_its_words_in_one_training_sentence():
    seen = [set(words(text)) for text in TRAIN.texts[0]]
    for sentence in VALIDATION.texts[0]:
        held = set(words(sentence))
        assert max(len(held & one) / len(held | one) for one in seen) < 0.5, sentence


@pytest.mark.parametrize("split", [TRAIN, VALIDATION], ids=["train", "validation"])
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_every_difficulty_is_there_with_balanced_labels(split, difficulty):
    labels = [
        label for label, tag in zip(split.labels, split.tags, strict=True) if tag == difficulty
    ]
    assert len(labels) >= 35
    assert abs(np.mean(labels) - 0.5) < 0.03


def test_the_splits_have_the_same_mixture():
    for difficulty in DIFFICULTIES:
        shares = [split.tags.count(difficulty) / len(split) for split in (TRAIN, VALIDATION)]
        assert abs(shares[0] - shares[1]) < 0.01


def test_sentences_are_clean_text():
    for sentence in SENTENCES:
        assert sentence == " ".join(sentence.split())
        assert 20 <= len(sentence) <= 250
        assert sentence.isprintable()


@pytest.mark.parametrize("length", [1, 2])
def test_a_bag_of_words_does_not_solve_them(length):
    bag = TfidfVectorizer(ngram_range=(1, length))
    model = make_pipeline(bag, LogisticRegression(max_iter=1_000))
    model.fit(TRAIN.texts[0], TRAIN.labels)
    right = model.predict(VALIDATION.texts[0]) == np.array(VALIDATION.labels)
    assert right[np.array(VALIDATION.tags) != "plain"].mean() < 0.65


@pytest.mark.parametrize("text", ["", "sentence,label\na,positive\n", "\0", None])
def test_a_damaged_file_is_one_sentence(monkeypatch, tmp_path, text):
    path = tmp_path / "reviews.csv"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr(reviews, "REVIEWS", path)
    with pytest.raises(UserError, match=r"^reviews"):
        read_reviews(TASKS["reviews"])
