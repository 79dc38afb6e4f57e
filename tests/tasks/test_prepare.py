import numpy as np
import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.prepare import Wishes, prepare
from effexplorer.tasks.table_file import Table, read_table_file
from tests.own_data import lines, table


def rows(count=60, *, start=0, classes=("bad", "good")):
    """Return a table of ``count`` different texts whose classes take turns."""
    numbers = range(start, start + count)
    return {
        "text": [f"some text number {row}" for row in numbers],
        "label": [classes[row % len(classes)] for row in numbers],
    }


def made(columns, validation=None, **wishes):
    second = Table("b.csv", validation) if validation else None
    return prepare("phones", Table("a.csv", columns), second, Wishes(**wishes))


def changed(columns, column, row, value):
    return columns | {column: [value if at == row else v for at, v in enumerate(columns[column])]}


def test_a_part_of_every_class_is_kept_aside_and_no_text_is_in_both():
    prepared = made(rows(300, classes=("a", "b", "b", "b", "c")))
    assert prepared.counts() == {"a": (48, 12), "b": (144, 36), "c": (48, 12)}
    assert not set(prepared.train.texts[0]) & set(prepared.validation.texts[0])


def test_the_part_kept_aside_is_the_same_whatever_the_order_of_the_rows():
    columns = rows(100)
    order = np.random.default_rng(0).permutation(100)
    mixed = {name: [values[at] for at in order] for name, values in columns.items()}
    first, second = made(columns), made(mixed)
    assert set(first.validation.texts[0]) == set(second.validation.texts[0])


def test_equal_texts_stay_in_one_part():
    columns = rows(50)
    doubled = {name: values * 3 for name, values in columns.items()}
    prepared = made(doubled)
    assert len(prepared.train) + len(prepared.validation) == 150
    assert not set(prepared.train.texts[0]) & set(prepared.validation.texts[0])


def test_the_part_kept_aside_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "MAX_HELD_ASIDE", 10)
    assert len(made(rows(200)).validation) == 10


def test_training_rows_that_are_measured_on_leave_training_and_are_told():
    prepared = made(rows(60), rows(20, start=50))
    assert (len(prepared.train), len(prepared.validation)) == (50, 20)
    assert prepared.notes == (
        "10 rows of a.csv left out of training, whose texts stand in b.csv too.",
    )


def test_a_regression_knows_the_range_of_its_numbers():
    prepared = made(rows(60, classes=(0.5, 4.0, 2.5)))
    assert (prepared.spec.labels, prepared.spec.scale) == ((), (0.5, 4.0))
    assert prepared.spec.metrics == ("spearmanr", "pearson")
    assert prepared.counts() == {}


def test_pairs_have_two_columns():
    columns = rows(60)
    pairs = {"premise": columns["text"], "hypothesis": columns["text"], "label": columns["label"]}
    assert made(pairs).spec.text == ("premise", "hypothesis")
    assert len(made(pairs).train.texts) == 2


def test_a_text_column_called_label_gets_another_name():
    columns = {"label": rows(60)["text"], "y": rows(60)["label"]}
    assert made(columns, text="label", label="y").spec.text == ("text",)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (changed(rows(), "text", 6, ""), "a.csv, row 7: text must have a word; got nothing."),
        (changed(rows(), "text", 6, None), "a.csv, row 7: text must have a word; got nothing."),
        (changed(rows(), "text", 6, ["x"]), "a.csv, row 7: text must be text; got a value of the"),
        (
            changed(rows(), "label", 6, " "),
            "a.csv, row 7: label must be one of bad, good; got noth",
        ),
        (rows(60) | {"text": [" "] * 60}, "a.csv, rows 1, 2, 3, 4, 5 and 55 more: text must have"),
        (rows(60) | {"text": ["same"] * 60}, "a.csv: must hold at least 2 different texts; got 1."),
        (rows(8), "phones: must have at least 8 rows to train on; got 6."),
        (rows(14), "phones: must have at least 4 rows to measure on; got 2."),
    ],
)
def test_what_makes_no_task_is_told_with_its_row(columns, sentence):
    with pytest.raises(UserError) as caught:
        made(columns)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("validation", "sentence"),
    [
        (rows(60), "b.csv: must hold other texts than a.csv; got the same."),
        (
            rows(20, start=80, classes=("bad",)),
            "phones: the rows to measure on must have at least 2",
        ),
        (
            changed(rows(20, start=80), "label", 3, "fine"),
            "b.csv, row 4: label must be one of bad, g",
        ),
        (
            {"text": ["x"], "other": [1]},
            "b.csv: label column must be one of text, other; got label.",
        ),
    ],
)
def test_a_validation_table_that_does_not_fit_is_told(validation, sentence):
    with pytest.raises(UserError) as caught:
        made(rows(60), validation)
    assert str(caught.value).startswith(sentence)


def test_rows_with_a_problem_can_be_left_out():
    prepared = made(changed(rows(), "text", 6, ""), skip_bad_rows=True)
    assert [(problem.file, problem.row) for problem in prepared.problems] == [("a.csv", 7)]
    assert "1 row left out: a.csv, row 7: text must have a word; got nothing." in prepared.notes
    assert len(prepared.train) + len(prepared.validation) == 59


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        (rows(100, classes=("a",) * 19 + ("b",)), "95 % of the rows have the label a"),
        (changed(rows(), "label", 0, "odd"), "No row to measure on has the label odd."),
        (changed(rows(), "label", 0, "odd"), "Fewer than 5 rows to train on: odd."),
        (
            changed(changed(rows(), "text", 0, "y"), "text", 1, "y"),
            "1 training text with more than",
        ),
        (changed(rows(), "text", 0, "word " * 900), "About 1 of 48 training texts are longer than"),
    ],
)
def test_what_is_odd_is_told_before_a_run(columns, note):
    assert any(one.startswith(note) for one in made(columns).notes)


def test_no_text_is_longer_than_any_model_reads():
    columns = changed(rows(), "text", 0, "word " * 100_000)
    prepared = made(columns)
    longest = max(map(len, prepared.train.texts[0] + prepared.validation.texts[0]))
    assert longest == limits.MAX_TEXT_CHARACTERS


def test_half_of_a_surrogate_pair_is_replaced():
    texts = made(changed(rows(), "text", 0, "odd \ud800 one"))
    assert "odd \ufffd one" in texts.train.texts[0] + texts.validation.texts[0]


@pytest.mark.parametrize("length", [0, 7, 513])
def test_the_maximum_length_has_bounds(length):
    with pytest.raises(UserError, match=f"max_length: must be between 8 and 512; got {length}"):
        made(rows(), max_length=length)


def test_a_table_of_200_000_rows_becomes_a_task(tmp_path):
    many = table(tmp_path, "many.csv", "text,label\n" + lines(200_000))
    prepared = prepare("phones", read_table_file(many), None, Wishes())
    assert (len(prepared.train), len(prepared.validation)) == (196_000, 4_000)
    assert prepared.spec.train_rows == 194_000
