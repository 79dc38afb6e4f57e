import pytest

from effexplorer.errors import UserError
from effexplorer.tasks.spec import TASKS
from effexplorer.tasks.split import Split, checked_split

GOOD = {"sentence": ["a", "b", "c"], "label": [0, 1, 0], "idx": [0, 1, 2]}
PAIRS = {"sentence1": ["a", "b"], "sentence2": ["c", "d"], "label": [0, 2.5]}


def changed(column, row, value):
    values = list(GOOD[column])
    values[row] = value
    return {**GOOD, column: values}


def test_the_text_columns_and_labels_are_taken_and_the_rest_is_left():
    assert checked_split(TASKS["sst2"], "train", GOOD) == Split((["a", "b", "c"],), [0, 1, 0])


def test_similarities_become_floats():
    assert checked_split(TASKS["stsb"], "train", PAIRS).labels == [0.0, 2.5]


def test_a_missing_column_is_told_with_those_there_are():
    with pytest.raises(UserError) as caught:
        checked_split(TASKS["mrpc"], "validation", GOOD)
    assert str(caught.value) == (
        "mrpc, validation: must have the columns sentence1, sentence2, label; "
        "got sentence, label, idx."
    )


def test_an_empty_split_is_refused():
    with pytest.raises(UserError, match=r"^sst2, train: must hold at least one row; got none\.$"):
        checked_split(TASKS["sst2"], "train", {"sentence": [], "label": []})


@pytest.mark.parametrize(("value", "shown"), [(None, "nothing"), (7, "7"), (b"x", "b'x'")])
def test_a_text_that_is_no_text_is_told_with_its_row(value, shown):
    with pytest.raises(UserError) as caught:
        checked_split(TASKS["sst2"], "train", changed("sentence", 1, value))
    assert str(caught.value) == f"sst2, train, row 2: sentence must be text; got {shown}."


@pytest.mark.parametrize(
    ("value", "shown"), [(-1, "-1"), (2, "2"), (None, "nothing"), (1.0, "1.0")]
)
def test_a_class_out_of_range_is_told_with_its_row(value, shown):
    with pytest.raises(UserError) as caught:
        checked_split(TASKS["sst2"], "train", changed("label", 2, value))
    rule = "label must be one of 0 (negative), 1 (positive)"
    assert str(caught.value) == f"sst2, train, row 3: {rule}; got {shown}."


@pytest.mark.parametrize("value", [-0.1, 5.01, float("nan"), float("inf"), "3", None, True])
def test_a_similarity_out_of_range_is_told_with_its_row(value):
    columns = {**PAIRS, "label": [value, 1.0]}
    with pytest.raises(UserError, match=r"^stsb, train, row 1: label must be a number between 0 a"):
        checked_split(TASKS["stsb"], "train", columns)


def test_an_empty_text_is_a_text():
    assert checked_split(TASKS["sst2"], "train", changed("sentence", 0, "")).texts[0][0] == ""


def test_rows_are_chosen_in_every_column():
    split = Split((["a", "b", "c"], ["d", "e", "f"]), [0, 1, 2], ["x", "y", "z"])
    assert split.rows([2, 0]) == Split((["c", "a"], ["f", "d"]), [2, 0], ["z", "x"])
    assert len(split) == 3
