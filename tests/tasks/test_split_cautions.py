import dataclasses

import pytest

from effexplorer.tasks.data import TaskData
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.split import Split
from effexplorer.tasks.split_cautions import split_cautions


def rows(labels, prefix="text"):
    return Split(([f"{prefix} {i}" for i in range(len(labels))],), list(labels))


def data(train=None, validation=None, task="sst2") -> TaskData:
    train, validation = train or rows([0, 1] * 20), validation or rows([0, 1] * 20, "other")
    return TaskData(find_task(task), train, rows([], "x"), validation, "made up", "0" * 16)


def test_rows_without_oddities_need_no_word():
    assert split_cautions(data()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (data(validation=rows([1] * 40, "o")), "All 40 validation rows have the label positive"),
        (data(train=rows([0] * 40)), "All 40 training rows have the label negative"),
        (data(train=rows([1] * 39 + [0])), "98 % of the training rows have the label positive."),
        (data(validation=rows([0, 1], "o")), "2 validation rows are too few to tell how sure"),
        (data(train=rows([0, 1] * 20, "other")), "40 of 40 validation rows are training rows"),
        (
            data(train=Split((["a", "a", "b"],), [0, 1, 0])),
            "1 of 3 training rows repeat another one's text.",
        ),
        (data(rows([0, 1] * 20), rows([0, 1] * 20, "o"), "mnli"), "has the label contradiction"),
    ],
    ids=lambda one: one[:30] if isinstance(one, str) else "",
)
def test_what_makes_a_score_mislead_is_told(given, said):
    assert any(said in text for text in split_cautions(given))


def test_equal_labels_of_a_regression_are_told():
    pairs = Split(tuple([f"{column}{i}" for i in range(20)] for column in "ab"), [2.5] * 20)
    told = split_cautions(dataclasses.replace(data(task="stsb"), train=pairs, validation=pairs))
    assert told[0] == "All 20 training rows have the label 2.5, so a score tells nothing."
