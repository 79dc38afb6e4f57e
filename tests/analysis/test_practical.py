import pytest

from effexplorer.analysis.groups import Group, group
from effexplorer.analysis.practical import Practical, practical
from tests.builders import a_record


@pytest.mark.parametrize(
    ("points", "relation", "text"),
    [
        (1.5, "apart", "1.5 points apart, about 13 of 872 sentences"),
        (-1.0, "", "-1 points, about 9 of 872 sentences"),
        (0.02, "", "0 points, about 0 of 872 sentences"),
    ],
)
def test_points_of_accuracy_are_counted_in_sentences(points, relation, text):
    assert Practical(872).words(points, relation) == text


def test_points_that_are_no_sentences_stand_alone():
    assert Practical().words(2.04, "apart") == "2 points apart"


def test_only_accuracy_counts_and_two_texts_are_a_pair():
    record = a_record(task="rte")
    assert practical(group([record])[0]) == Practical(record.data["validation_examples"], "pairs")
    (empty,) = group([a_record()])
    assert practical(Group(empty.setting)) == Practical()
