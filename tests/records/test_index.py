import dataclasses
import os
import sqlite3
from types import SimpleNamespace

import pytest

from effexplorer.records import store as store_module
from effexplorer.records.files import write_record
from effexplorer.records.index import RecordIndex
from effexplorer.records.store import HERE, Store
from tests.builders import a_record, some_exits


@pytest.fixture
def folder(tmp_path):
    for steps in ("", "prune", "distill > prune"):
        write_record(a_record(steps), tmp_path / "runs")
    write_record(a_record("exit", **some_exits()), tmp_path / "runs")
    (tmp_path / "runs" / "torn.json").write_text("{")
    return tmp_path / "runs"


@pytest.fixture
def opened(folder, tmp_path):
    """Give a new process's store, time after time."""
    return lambda: Store({HERE: folder}, RecordIndex(tmp_path / "records.sqlite"))


@pytest.fixture
def read(monkeypatch):
    """Count the files that are really read."""
    names = []
    real = store_module._read

    def counted(path):
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(store_module, "_read", counted)
    return names


def test_a_second_start_reads_no_file_and_sees_the_same(opened, folder, read):
    first = opened()
    runs, problems = first.runs(), first.problems()
    assert len(read) == 5
    read.clear()
    again = opened()
    assert (again.runs(), again.problems()) == (runs, problems) and not read
    assert Store({HERE: folder}).runs() == runs


def test_a_list_needs_no_record_and_equals_the_runs(opened):
    rows, problems = opened().rows()
    store = opened()
    assert rows == [run.row() for run in store.runs()] and problems == store.problems()
    assert opened().rows() == (rows, problems)


def test_a_new_a_removed_and_a_changed_file_are_seen(opened, folder, read):
    opened().runs()
    read.clear()
    write_record(a_record("quantize"), folder)
    (folder / f"{a_record('prune').id}.json").unlink()
    changed = folder / f"{a_record().id}.json"
    changed.write_text(changed.read_text().replace("90.0", "91.0"))
    store = opened()
    assert {run.record.letters for run in store.runs()} == {"dense", "D>P", "E", "Q"}
    assert store.find(a_record().id).record.final.score == 91.0
    assert sorted(read) == sorted([f"{a_record('quantize').id}.json", changed.name])


def test_a_change_that_keeps_size_and_time_is_seen(opened, folder):
    path = folder / f"{a_record().id}.json"
    status = path.stat()
    opened().runs()
    path.write_text(path.read_text().replace("90.0", "91.0"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert opened().find(a_record().id).record.final.score == 91.0


def damage(path):
    path.write_bytes(b"not a database" * 100)


def empty(path):
    path.write_bytes(b"")


def of_another_version(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE format SET text = 'older'")
    database.close()


def a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [damage, empty, of_another_version, a_folder])
def test_an_index_in_doubt_is_never_the_truth(opened, tmp_path, spoil):
    runs = opened().runs()
    spoil(tmp_path / "records.sqlite")
    assert opened().runs() == runs
    assert opened().rows()[0] == [run.row() for run in runs]


def test_an_index_that_another_process_holds_is_passed_over(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("effexplorer.records.index._WAIT_SECONDS", 0.0)
    runs = opened().runs()
    other = sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert opened().runs() == runs and opened().rows()[0]
    other.close()
    assert (tmp_path / "records.sqlite").stat().st_size


def test_an_id_that_is_not_the_files_name_is_not_kept_as_a_run(opened, folder):
    odd = dataclasses.replace(a_record("quantize"), id="0" * 12)
    path = write_record(odd, folder)
    path.rename(folder / "copy.json")
    assert [opened().find("0" * 12) for _ in range(2)] == [None, None]


def test_numbers_of_64_bits_are_kept(opened, monkeypatch, read):
    real = store_module.stamp_of

    def large(status):
        """Return the stamp of a file on a file system whose inodes have all 64 bits."""
        names = ("st_size", "st_mtime_ns", "st_ctime_ns")
        others = {name: getattr(status, name) for name in names}
        return real(SimpleNamespace(st_ino=2**64 - 5, **others))

    monkeypatch.setattr(store_module, "stamp_of", large)
    runs = opened().runs()
    read.clear()
    assert opened().runs() == runs and not read
