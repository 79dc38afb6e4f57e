import pytest

from effexplorer.errors import UserError
from effexplorer.tasks.columns import Choice, choose_columns
from effexplorer.tasks.table_file import Table


def columns(*names):
    """Return a table with these columns: wordy ones, and labels if the name says so."""
    made = {}
    for name in names:
        made[name] = [f"some words {row}" if name[0] != "y" else row % 2 for row in range(20)]
    return Table("a.csv", made)


LABELS = [row % 2 for row in range(20)]


def with_label(*names, label="label"):
    return Table("a.csv", columns(*names).columns | {label: LABELS})


@pytest.mark.parametrize(
    ("table", "chosen"),
    [
        (with_label("sentence"), Choice("sentence", "label")),
        (with_label("premise", "hypothesis"), Choice("premise", "label", "hypothesis")),
        (with_label("question", "sentence", "idx"), Choice("question", "label", "sentence")),
        (with_label("anything", label="odd name"), Choice("anything", "odd name")),
        (with_label("Review Text", label="Sentiment"), Choice("Review Text", "Sentiment")),
        (with_label("text", "comment", label="class"), Choice("text", "class")),
    ],
)
def test_columns_are_guessed_by_usual_names_and_by_content(table, chosen):
    assert choose_columns(table) == chosen


def test_columns_that_are_named_are_taken():
    table = with_label("text", "other", label="y1")
    assert choose_columns(table, text="other", label="y1") == Choice("other", "y1")
    assert choose_columns(table, text="other", pair="text") == Choice("other", "y1", "text")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": "nothing"}, "text column must be one of one, two, label; got nothing."),
        ({"text": "label"}, "the label column must be named"),
        ({}, "the text column must be named (--text-column); got one, two."),
        ({"text": "one", "pair": "one"}, "text and label must be different columns; got one."),
    ],
)
def test_columns_that_cannot_be_chosen_are_told(given, sentence):
    with pytest.raises(UserError) as caught:
        choose_columns(with_label("one", "two"), **given)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("head", [("a great phone", "1"), ("a great phone", "good")])
def test_a_missing_header_is_told(head):
    labels = ["good", "bad"] * 10 if head[1] == "good" else ["1", "0"] * 10
    table = Table("a.csv", {head[0]: [f"a phone {row}" for row in range(20)], head[1]: labels})
    with pytest.raises(UserError, match=r"a\.csv: must begin with a line that names its columns"):
        choose_columns(table)
