import dataclasses
import os

import pytest

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.records import store as store_module
from effexplorer.records.files import write_record
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX, EXPLORED
from effexplorer.records.store import HERE, SHIPPED, Store, open_store
from tests.builders import a_record


@pytest.fixture
def folders(tmp_path):
    return {SHIPPED: tmp_path / "shipped", HERE: tmp_path / "here"}


def dated(steps: str, day: int, **changes):
    return dataclasses.replace(
        a_record(steps), created=f"2026-01-{day:02}T00:00:00+00:00", **changes
    )


def test_runs_of_all_folders_come_oldest_first_with_their_source(folders):
    write_record(dated("prune", 3), folders[SHIPPED])
    write_record(dated("quantize", 1), folders[HERE])
    write_record(dated("", 2), folders[SHIPPED])
    found = [(run.record.letters, run.source) for run in Store(folders).runs()]
    assert found == [("Q", HERE), ("dense", SHIPPED), ("P", SHIPPED)]


def test_of_two_with_one_id_the_one_measured_here_counts(folders):
    write_record(a_record(score=80.0), folders[SHIPPED])
    write_record(a_record(score=81.0), folders[HERE])
    (run,) = Store(folders).runs()
    assert (run.source, run.record.final.score) == (HERE, 81.0)


def test_explored_runs_are_listed_alone_and_found_by_their_id(folders):
    confirmed = a_record("prune")
    explored = dataclasses.replace(a_record("quantize"), phase=EXPLORED)
    for record in (confirmed, explored):
        write_record(record, folders[HERE])
    store = Store(folders)
    assert [run.record for run in store.runs()] == [confirmed]
    assert [run.record for run in store.runs(explored=True)] == [explored]
    assert store.find(explored.id).record == explored


def test_a_missing_folder_is_empty(folders):
    assert Store(folders).runs() == [] and Store(folders).problems() == []


def test_a_bad_file_is_named_and_skipped(folders):
    good = a_record("prune")
    write_record(good, folders[HERE])
    (folders[HERE] / "torn.json").write_text("{", "utf-8")
    (folders[HERE] / "folder.json").mkdir()
    store = Store(folders)
    assert [run.record for run in store.runs()] == [good]
    assert sorted(text.partition(":")[0] for text in store.problems()) == [
        "folder.json",
        "torn.json",
    ]


def test_a_record_under_another_name_is_named_and_skipped(folders):
    path = write_record(a_record(), folders[HERE])
    path.rename(path.with_name("copy.json"))
    store = Store(folders)
    assert store.runs() == []
    assert "copy.json: not a run's record: its id must be the file's name" in store.problems()[0]


def test_drafts_of_records_are_not_seen(folders):
    folders[HERE].mkdir()
    (folders[HERE] / ".abc.123.tmp").write_text("{", "utf-8")
    assert Store(folders).runs() == [] and Store(folders).problems() == []


def test_a_new_file_and_a_changed_file_are_read_again(folders):
    store = Store(folders)
    path = write_record(a_record(), folders[HERE])
    assert len(store.runs()) == 1
    path.write_text("{", "utf-8")
    assert store.runs() == [] and len(store.problems()) == 1
    path.unlink()
    write_record(a_record(score=70.0), folders[HERE])
    assert store.runs()[0].record.final.score == 70.0
    path.unlink()
    assert store.runs() == []


def test_a_file_that_did_not_change_is_read_once(folders, monkeypatch):
    read = []
    monkeypatch.setattr(store_module, "read_record", lambda path: read.append(path) or a_record())
    path = write_record(a_record(), folders[HERE])
    store = Store(folders)
    for _ in range(3):
        store.runs()
    assert read == [path]
    os.utime(path, ns=(1, 1))
    store.runs()
    assert read == [path, path]


def test_a_run_is_found_by_its_id(folders):
    record = a_record("prune")
    write_record(record, folders[HERE])
    assert Store(folders).find(record.id).record == record
    assert Store(folders).find("../secret") is None


def test_a_run_measured_here_can_be_deleted_with_what_stands_beside_it(folders):
    kept, gone = a_record("quantize"), a_record("prune")
    for record in (kept, gone):
        write_record(record, folders[HERE])
        for suffix in (EXIT_TABLE_SUFFIX, ANSWERS):
            (folders[HERE] / f"{record.id}{suffix}").write_bytes(b"made up")
    store = Store(folders)
    store.delete(gone.id)
    assert [run.record for run in store.runs()] == [kept]
    assert {path.name for path in folders[HERE].iterdir()} == {
        f"{kept.id}.json",
        f"{kept.id}{EXIT_TABLE_SUFFIX}",
        f"{kept.id}{ANSWERS}",
    }


def test_a_shipped_run_cannot_be_deleted(folders):
    path = write_record(a_record("prune"), folders[SHIPPED])
    with pytest.raises(UserError, match="which is shipped"):
        Store(folders).delete(path.stem)
    assert path.exists()


@pytest.mark.parametrize("id", ["000000000000", "", "../secret"])
def test_what_is_not_here_cannot_be_deleted(folders, id):
    write_record(a_record("prune"), folders[HERE])
    (folders[HERE].parent / "secret.json").write_text("{}")
    with pytest.raises(UserError, match="must name a finished run"):
        Store(folders).delete(id)
    assert (folders[HERE].parent / "secret.json").exists()


def test_the_shipped_run_of_the_same_id_is_seen_again(folders):
    write_record(a_record(score=80.0), folders[SHIPPED])
    path = write_record(a_record(score=81.0), folders[HERE])
    store = Store(folders)
    store.delete(path.stem)
    (run,) = store.runs()
    assert (run.source, run.record.final.score) == (SHIPPED, 80.0)


def test_a_row_names_its_source(folders):
    write_record(a_record(), folders[SHIPPED])
    assert Store(folders).runs()[0].row()["source"] == SHIPPED


def test_the_users_store_has_the_shipped_runs_and_those_measured_here():
    write_record(a_record("prune", task="reviews", seed=99), home.runs_folder())
    assert open_store().folders == {
        SHIPPED: home.precomputed_folder() / "runs",
        HERE: home.runs_folder(),
    }
    assert HERE in {run.source for run in open_store().runs()}


def test_every_shipped_record_can_be_read():
    assert Store({SHIPPED: home.precomputed_folder() / "runs"}).problems() == []
