import dataclasses
import json

import pytest

from effexplorer import home, limits
from effexplorer.errors import UserError
from effexplorer.tasks import own
from effexplorer.tasks.data import load_task, task_available
from effexplorer.tasks.own import (
    check_name,
    find_own,
    keep_task,
    list_own,
    own_problems,
    remove_task,
)
from effexplorer.tasks.own_description import DESCRIPTION
from effexplorer.tasks.registry import all_tasks, find_task
from tests.own_data import own_task


@pytest.fixture
def phones(tmp_path):
    return own_task(tmp_path)


def description(name="phones"):
    return home.tasks_folder() / name / DESCRIPTION


def test_a_task_of_ones_own_stands_beside_all_others(phones):
    assert find_task("phones") == phones.spec
    assert list(all_tasks())[-1] == "phones"
    assert task_available("phones") is None


def test_its_data_are_those_that_were_added(phones):
    data = load_task("phones")
    assert (len(data.train), len(data.held_out), len(data.validation)) == (44, 4, 12)
    assert len(data.train) == phones.spec.train_rows
    assert data.source == "file reviews.csv"
    assert data.spec.labels == ("negative", "positive")


def test_the_same_file_makes_the_same_data(phones, tmp_path):
    first = load_task("phones")
    again = own_task(tmp_path, "again")
    assert again.fingerprint == phones.fingerprint
    assert load_task("again").fingerprint == first.fingerprint


def test_the_file_that_was_added_is_not_read_later(phones, tmp_path):
    (tmp_path / "reviews.csv").unlink()
    assert len(load_task("phones").train) == 44


def test_a_task_is_removed_with_its_data(phones):
    remove_task("phones")
    assert list(home.tasks_folder().iterdir()) == []
    with pytest.raises(UserError, match=r"task: must be one of sst2, .*; got phones\."):
        find_task("phones")


@pytest.mark.parametrize("name", ["phones", "../phones", "sst2", ""])
def test_what_is_no_task_of_ones_own_cannot_be_removed(name):
    with pytest.raises(UserError, match=r"task: must be one of your own \(none yet\); got "):
        remove_task(name)


@pytest.mark.parametrize("name", ["", "sst2", "Phones", "a/b", "..", ".x", "x" * 41, "a b", "é"])
def test_a_name_is_plain_and_not_taken(name):
    with pytest.raises(UserError, match=r"task: a name must "):
        check_name(name)


def test_a_task_is_not_overwritten(phones, tmp_path):
    with pytest.raises(UserError, match=r"a name must not be taken; got phones"):
        own_task(tmp_path)


def test_no_more_tasks_are_kept_than_can_be_shown(phones, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_TASKS", 1)
    with pytest.raises(UserError, match=r"at most 1 of one's own can be kept"):
        own_task(tmp_path, "other")


def test_an_addition_that_fails_leaves_nothing(phones, monkeypatch):
    data = load_task("phones")

    def full(columns, path):
        raise OSError(28, "No space left on device")

    remove_task("phones")
    monkeypatch.setattr(own, "write_parquet", full)
    with pytest.raises(UserError, match="No space left on device"):
        keep_task(phones.spec, data.train, data.validation, ["a.csv"])
    assert list(home.tasks_folder().iterdir()) == []


@pytest.mark.parametrize("table", ["train.parquet", "validation.parquet"])
def test_tables_that_were_changed_are_refused(phones, table, tmp_path):
    other = own_task(
        tmp_path, "other", "text,label\n" + "a b,1\nc d,0\n" * 8 + "e f,1\ng h,0\n" * 8
    )
    folder = home.tasks_folder()
    (folder / "phones" / table).write_bytes((folder / other.spec.name / table).read_bytes())
    with pytest.raises(
        UserError, match=r"phones: its tables must be as they were added; got others"
    ):
        load_task("phones")


def test_a_table_that_is_missing_is_told_without_reading_any(phones):
    (home.tasks_folder() / "phones" / "train.parquet").unlink()
    assert task_available("phones").startswith("phones: its tables must be as they were added; got")
    with pytest.raises(UserError, match=r"got no train\.parquet"):
        load_task("phones")


@pytest.mark.parametrize(
    "change",
    [
        {"spec": None},
        {"rows": [0, 4]},
        {"rows": ["many", 4]},
        {"rows": [4]},
        *({"spec": {"name": name}} for name in ("other", "sst2", "../x")),
        *({"spec": {"labels": labels}} for labels in (["one"], ["a", "a"], ["x"] * 300, 7)),
        *({"spec": {"metrics": metrics}} for metrics in ([], ["bleu"])),
        *({"spec": {"text": text}} for text in ([], ["a", "b", "c"])),
        *({"spec": {"max_length": length}} for length in (0, 10**400, "x")),
        *({"spec": {"epochs": epochs}} for epochs in (0, float("nan"), None)),
        {"spec": {"scale": [0, float("inf")]}},
        {"spec": {"train_rows": -1}},
    ],
    ids=str,
)
def test_a_description_that_was_changed_is_left_out_and_told(phones, change):
    plain = json.loads(description().read_text())
    spec = change.get("spec", {})
    plain |= change | ({"spec": plain["spec"] | spec} if spec else {})
    description().write_text(json.dumps(plain))
    assert list_own() == []
    (problem,) = own_problems()
    assert problem.startswith("phones: must hold a readable task.json; got ")


@pytest.mark.parametrize("text", ["", "[]", "{" * 100_000, "\ud800", "null"])
def test_a_description_that_is_none_is_left_out_and_told(phones, text):
    description().write_bytes(text.encode("utf-8", "surrogatepass"))
    assert list_own() == []
    assert len(own_problems()) == 1


def test_a_draft_that_a_crash_left_is_no_task(phones):
    (home.tasks_folder() / ".0123").mkdir()
    assert [one.spec.name for one in list_own()] == ["phones"]
    assert own_problems() == []


def test_the_source_of_a_task_is_one_line_whatever_the_files_are_called(phones):
    data = load_task(phones.spec.name)
    spec = dataclasses.replace(phones.spec, name="more")
    kept = keep_task(spec, data.train, data.validation, ["a\nb.csv", "c\u00a0d.csv", "\udcff"])
    assert kept.source == "file a\\nb.csv and c\u00a0d.csv and \\udcff" == find_own("more").source
