import subprocess
import sys

import pytest

from effexplorer.errors import UserError
from effexplorer.tasks.data import load_task, task_available


def test_the_bundled_reviews_need_nothing():
    data = load_task("reviews")
    assert data.source == "bundled with effexplorer"
    assert task_available("reviews") is None


def test_an_unknown_task_is_one_sentence_with_the_known_ones():
    with pytest.raises(UserError, match=r"^task: must be one of sst2, .*; got imdb\.$"):
        load_task("imdb")
    assert "got imdb" in task_available("imdb")


def test_a_number_of_examples_takes_the_same_rows_each_time():
    first, second = (load_task("reviews", train_examples=50) for _ in range(2))
    assert len(first.train) == 50
    assert first == second


def test_a_smaller_number_takes_part_of_a_larger_one():
    small, large = (load_task("reviews", train_examples=number) for number in (50, 200))
    assert set(small.train.texts[0]) < set(large.train.texts[0])


def test_chosen_rows_keep_labels_and_tags_with_their_texts():
    whole, part = load_task("reviews").train, load_task("reviews", train_examples=40).train
    rows = set(zip(whole.texts[0], whole.labels, whole.tags, strict=True))
    assert set(zip(part.texts[0], part.labels, part.tags, strict=True)) < rows


def test_only_a_task_with_phrases_counts_its_sentences():
    assert load_task("reviews").sentences is None


def test_all_examples_by_number_are_all_examples():
    whole = load_task("reviews")
    assert load_task("reviews", train_examples=len(whole.train)) == whole


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_more_examples_than_there_are_is_one_sentence(number):
    rule = rf"^reviews: train_examples must be between 1 and \d+, .*; got {number}\.$"
    with pytest.raises(UserError, match=rule):
        load_task("reviews", train_examples=number)


def test_the_validation_split_is_never_cut():
    assert load_task("reviews", train_examples=40).validation == load_task("reviews").validation


def test_the_fingerprint_tells_which_data_was_used():
    prints = {load_task("reviews", train_examples=number).fingerprint for number in (40, 50, None)}
    assert len(prints) == 3
    assert all(len(one) == 16 and int(one, 16) for one in prints)


def test_asking_for_tasks_loads_neither_datasets_nor_torch_nor_evaluate():
    code = (
        "import sys; from effexplorer.tasks import data, metrics; data.load_task('reviews'); "
        "sys.exit(any(name in sys.modules for name in ('datasets', 'torch', 'evaluate')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def test_rows_are_held_out_of_training_and_the_same_whatever_is_trained_on():
    whole, part = load_task("reviews"), load_task("reviews", train_examples=40)
    assert whole.held_out == part.held_out and len(whole.held_out) == 106
    assert not set(whole.held_out.texts[0]) & set(whole.train.texts[0])
    assert len(whole.train) + len(whole.held_out) == 1_064
