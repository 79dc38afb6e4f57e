import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from effexplorer.tasks.data import TaskData
from effexplorer.tasks.encoded import Examples, encode_split, encode_task
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.spec import TaskSpec
from effexplorer.tasks.split import Split
from tests.tiny_models import toy_examples, toy_task

ONE = find_task("reviews")
TWO = find_task("mrpc")


@pytest.fixture(scope="module")
def tokenizer(tiny_model_folder):
    return AutoTokenizer.from_pretrained(tiny_model_folder)


def test_a_batch_is_padded_on_the_right_up_to_its_longest():
    examples = Examples([[1, 7, 2], [1, 8, 9, 9, 2], [1, 2]], None, np.array([0, 1, 1]), pad=0)
    batch = examples.batch(np.array([2, 0]))
    assert batch.ids.tolist() == [[1, 2, 0], [1, 7, 2]]
    assert batch.mask.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert batch.labels.tolist() == [1, 0] and batch.rows.tolist() == [2, 0]
    assert batch.token_types is None


def test_a_batch_is_padded_with_the_tokenizers_own_id():
    examples = Examples([[0, 7, 2], [0, 2]], None, np.array([0, 1]), pad=1)
    assert examples.batch(np.arange(2)).ids.tolist() == [[0, 7, 2], [0, 2, 1]]


def test_an_epoch_holds_every_example_once():
    examples = toy_examples(101)
    batches = examples.bucketed(8, np.random.default_rng(0))
    assert sorted(np.concatenate(batches)) == list(range(101))
    assert max(map(len, batches)) == 8


def test_an_epoch_is_full_batches_but_for_the_last_of_a_bucket():
    sizes = [len(rows) for rows in toy_examples(70).bucketed(32, np.random.default_rng(0))]
    assert sorted(sizes) == [6, 32, 32]


def test_batches_hold_examples_of_similar_length():
    examples = toy_examples(400)
    bucketed = examples.bucketed(8, np.random.default_rng(0))
    shuffled = np.array_split(np.random.default_rng(0).permutation(400), 50)

    def real(batches):
        spans = [examples.lengths[rows] for rows in batches]
        return sum(span.sum() for span in spans) / sum(span.max() * len(span) for span in spans)

    assert real(bucketed) > 0.95 > real(shuffled)


def test_epochs_differ_and_a_seed_repeats_them():
    examples, random = toy_examples(60), np.random.default_rng(3)
    first, second = (np.concatenate(examples.bucketed(8, random)).tolist() for _ in range(2))
    again = np.concatenate(examples.bucketed(8, np.random.default_rng(3))).tolist()
    assert first != second and first == again


def test_examples_in_order_of_length_come_once_and_longest_first():
    examples = toy_examples(50)
    batches = list(examples.in_order_of_length(8))
    rows = np.concatenate([batch.rows for batch in batches])
    assert sorted(rows) == list(range(50))
    assert (np.diff(examples.lengths[rows]) <= 0).all()


def test_a_sentence_is_encoded_as_its_tokenizer_does(tokenizer):
    split = Split((["a good film", "not a good film at all"],), [1, 0])
    examples = encode_split(split, ONE, tokenizer)
    assert examples.ids[1] == tokenizer("not a good film at all")["input_ids"]
    assert examples.token_types is None and examples.pad == tokenizer.pad_token_id
    assert examples.labels.dtype == np.int64


def test_a_pair_is_encoded_with_token_types(tokenizer):
    split = Split((["a good film"], ["it was good"]), [1])
    examples = encode_split(split, TWO, tokenizer)
    expected = tokenizer("a good film", "it was good")
    assert examples.ids[0] == expected["input_ids"]
    assert examples.token_types[0] == expected["token_type_ids"]
    assert examples.batch(np.array([0])).token_types.tolist() == [expected["token_type_ids"]]


def test_a_long_text_is_cut_at_the_tasks_length(tokenizer):
    spec = TaskSpec("short", "Short", ("sentence",), ("no", "yes"), ("accuracy",), max_length=9)
    examples = encode_split(Split((["word " * 500],), [1]), spec, tokenizer)
    assert examples.lengths.tolist() == [9]
    assert examples.ids[0][-1] == tokenizer.sep_token_id


def test_an_empty_text_is_two_special_tokens(tokenizer):
    assert encode_split(Split(([""],), [1]), ONE, tokenizer).lengths.tolist() == [2]


def test_similarities_are_kept_as_floats(tokenizer):
    split = Split((["a"], ["b"]), [2.6])
    labels = encode_split(split, find_task("stsb"), tokenizer).batch(np.array([0])).labels
    assert labels.dtype == torch.float32 and labels.tolist() == pytest.approx([2.6])


@pytest.mark.parametrize(("name", "outputs"), [("sst2", 2), ("mnli", 3), ("stsb", 1)])
def test_a_classifier_has_an_output_for_each_label(tokenizer, name, outputs):
    spec = find_task(name)
    split = Split(tuple(["a"] for _ in spec.text), [1.0 if spec.regression else 1])
    task = encode_task(TaskData(spec, split, split, split, "made up", "0" * 16), tokenizer)
    assert task.outputs == outputs and len(task.train) == len(task.validation) == 1


def test_only_a_regression_has_a_mean_target():
    numbers = toy_task(kind="number")
    assert numbers.mean == pytest.approx(float(numbers.train.labels.mean()))
    assert toy_task().mean is None
