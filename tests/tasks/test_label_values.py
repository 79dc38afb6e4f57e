import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.tasks.label_values import METRICS, find_labels


@pytest.mark.parametrize(
    ("values", "metric", "names"),
    [
        (["yes", "no", " yes "], "", ("no", "yes")),
        (["1", "0", "1.0"], "", ("0", "1")),
        ([10, 9, 2], "", ("2", "9", "10")),
        ([1.0, 0.0, None], "", ("0", "1")),
        ([True, False], "", ("false", "true")),
        (["1", "one"], "", ("1", "one")),
        ([0.5, 1.0], "", ()),
        (["0.5", "1", ""], "", ()),
        ([1, 2, 3], "spearman", ()),
    ],
)
def test_labels_are_classes_by_name_or_number_or_a_regression(values, metric, names):
    assert find_labels("a.csv", values, metric).names == names


@pytest.mark.parametrize("metric", METRICS)
def test_the_metric_that_is_asked_for_comes_first(metric):
    assert (
        find_labels("a.csv", [0, 1, 2] if "macro" in metric else [0, 1], metric).metrics
        == (METRICS[metric])
    )


def test_a_label_is_numbered_by_its_name():
    labels = find_labels("a.csv", ["bad", "good", "bad"])
    assert [labels.number(one) for one in ("good", " bad", "other", None, "")] == [1, 0] + [
        None
    ] * 3


@pytest.mark.parametrize(
    ("values", "metric", "sentence"),
    [
        ([["a"], ["a", "b"]], "", "a.csv, row 1: label must be one class or number; got several"),
        (["a", "b", "a|b"], "", "a.csv: label must be one class; got a|b, which is several"),
        (["a", "b", "b; a"], "", "a.csv: label must be one class; got b; a, which is several"),
        (["['a']", "['a', 'b']"], "", "a.csv: label must be one class; got ['a"),
        (["a", "a"], "", "a.csv: labels must be of at least 2 classes; got a."),
        ([None, ""], "", "a.csv: labels must be of at least 2 classes; got none."),
        (
            range(300),
            "",
            f"a.csv: labels must be of at most {limits.MAX_CLASSES} classes; got 300.",
        ),
        (
            ["Good", "good"],
            "",
            "a.csv: labels must not differ in case or space alone; got Good and",
        ),
        (["a" * 99, "b"], "", "a.csv: a label must have at most 60 characters; got aaa"),
        ([0, 1, 2], "f1", "a.csv: f1 must have 2 classes; got 3. Choose macro_f1 for more."),
        (
            [0, 1, 0.5],
            "accuracy",
            "a.csv, row 3: label must be a class, as accuracy needs; got 0.5",
        ),
        (["1", "two"], "spearman", "a.csv, row 2: label must be a number; got two."),
        ([2.5, 2.5], "", "a.csv: labels must be at least 2 different numbers; got one."),
        (
            [0, 1],
            "bleu",
            "metric: must be one of accuracy, f1, macro_f1, matthews, spearman; got b",
        ),
    ],
)
def test_labels_that_make_no_task_are_told(values, metric, sentence):
    with pytest.raises(UserError) as caught:
        find_labels("a.csv", list(values), metric)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("value", ["nan", "inf", 11.0, -11, "word"])
def test_a_regression_takes_numbers_within_bounds_alone(value):
    assert find_labels("a.csv", [0.5, 1.5]).number(value) is None
