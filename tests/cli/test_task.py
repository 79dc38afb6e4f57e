import json

import pytest

from effexplorer import home
from tests.own_data import lines, table


def test_a_task_is_added_listed_shown_and_removed(command, tmp_path):
    path = table(tmp_path)
    code, out, err = command("task", "add", "phones", "--train-file", str(path))
    assert code == 0
    assert out.endswith("Added phones. Try: effexplorer run --task phones\n")
    assert err.startswith("12 of 60 rows were kept aside to measure on")
    assert "phones  text   2 classes  accuracy" in command("task", "list")[1]
    assert "metrics: accuracy\n" in command("task", "show", "phones")[1]
    assert command("task", "remove", "phones")[1].startswith("Removed phones.")
    assert list(home.tasks_folder().iterdir()) == []
    assert command("task", "list")[2].startswith("No tasks of your own yet.")


def test_every_choice_can_be_made(command, tmp_path):
    between = "\t"
    head = "first\tsecond\tgrade\tlabel\n"
    body = "".join(f"text {n}\tother {n}\t{n % 4}\tx\n" for n in range(60))
    train = table(tmp_path, "train.tsv", head + body)
    body = "".join(f"text {n}{between}more {n}{between}{n % 4}{between}x\n" for n in range(20))
    validation = table(tmp_path, "validation.tsv", head + body)
    options = {
        "--train-file": train,
        "--validation-file": validation,
        "--text-column": "first",
        "--pair-column": "second",
        "--label-column": "grade",
        "--metric": "macro_f1",
        "--max-length": 64,
    }
    given = [str(part) for option in options.items() for part in option]
    code, out, _ = command("task", "add", "grades", *given, "--json")
    assert code == 0
    added = json.loads(out)
    assert (added["texts"], added["labels"]) == (["first", "second"], ["0", "1", "2", "3"])
    assert (added["metrics"], added["max_length"]) == (["macro_f1", "accuracy"], 64)
    assert (added["rows_to_train_on"], added["rows_to_measure_on"]) == (60, 20)
    assert json.loads(command("task", "list", "--json")[1]) == [added]


def test_rows_with_a_problem_are_refused_or_left_out(command, tmp_path):
    path = table(tmp_path, text="text,label\n" + lines() + ",positive\n")
    given = ["task", "add", "phones", "--train-file", str(path)]
    assert command(*given) == (2, "", "reviews.csv, row 61: text must have a word; got nothing.\n")
    code, _, err = command(*given, "--skip-bad-rows")
    assert (code, err.splitlines()[0][:14]) == (0, "1 row left out")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "sst2", "--train-file", "x.csv"], "task: a name must not be one of sst2"),
        (["add", "phones", "--train-file", "none.csv"], "none.csv: must be a file; got none."),
        (
            ["add", "phones", "--train-file", "x.csv", "--max-length", "far"],
            "max_length: must be a w",
        ),
        (["add", "phones"], "effexplorer task add: must be called as its --help shows"),
        ([], "effexplorer task: must be called as its --help shows"),
        (["show", "phones"], "task: must be one of your own (none yet); got phones."),
        (["remove", "phones"], "task: must be one of your own (none yet); got phones."),
    ],
)
def test_bad_input_is_told_in_a_sentence(command, arguments, sentence):
    code, out, err = command("task", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(sentence)


def test_removing_as_json_names_the_task(command, tmp_path):
    command("task", "add", "phones", "--train-file", str(table(tmp_path)))
    code, out, _ = command("task", "remove", "phones", "--json")
    assert (code, json.loads(out)) == (0, {"removed": "phones"})
