"""A disk that is full at any moment of a run: no finished work is lost, and it is called full."""

import builtins
import errno
import io
import os

import pytest
from safetensors import SafetensorError

from effexplorer import error_report, home, runner
from effexplorer.models import checkpoint
from effexplorer.records.files import read_record
from tests.runner.test_run import applied, pipeline, quick  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("local_tiny_model", "quick")
NAMES = ("fsync", "link", "mkdir", "rename", "replace")


class Disk:
    """Counts writes below the home folder, and refuses those from ``first`` to ``last``."""

    def __init__(self, monkeypatch, place):
        self.place, self.count, self.first, self.last = str(place), 0, 1_000_000, 0
        for name in NAMES:
            monkeypatch.setattr(os, name, self.refusing(getattr(os, name)))
        opened = self.opened(io.open)
        monkeypatch.setattr(io, "open", opened)
        monkeypatch.setattr(builtins, "open", opened)
        monkeypatch.setattr(checkpoint, "save_file", self.saved(checkpoint.save_file))

    def refused(self) -> bool:
        self.count += 1
        return self.first <= self.count <= self.last

    def refusing(self, call):
        def guarded(*given, **named):
            if (call.__name__ == "fsync" or self.place in str(given[0])) and self.refused():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*given, **named)

        return guarded

    def opened(self, call):
        def guarded(file, mode="r", *given, **named):
            if self.place in str(file) and mode[0] in "wax" and self.refused():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(file, mode, *given, **named)

        return guarded

    def saved(self, call):
        def guarded(*given, **named):
            if self.refused():
                text = "Error while serializing: I/O error: No space left on device (os error 28)"
                raise SafetensorError(text)
            return call(*given, **named)

        return guarded


@pytest.fixture
def disk(monkeypatch, own_home):
    return Disk(monkeypatch, own_home)


def test_the_disk_is_asked_often_enough_to_test_anything(disk):
    runner.run(pipeline("quantize"))
    assert disk.count > 20


@pytest.mark.parametrize("at", range(1, 29, 3))
@pytest.mark.parametrize("for_long", [False, True], ids=["once", "until the run ends"])
def test_a_write_that_fails_loses_no_finished_run(disk, applied, at, for_long):  # noqa: F811
    disk.first, disk.last = at, 1_000_000 if for_long else at
    try:
        record = runner.run(pipeline("quantize"))
    except OSError as error:
        assert error_report.failure_sentence(error) == error_report.FULL_DISK
        assert for_long or applied["train"] == 0 or trains_no_more(disk, applied)
    else:
        assert read_record(home.runs_folder() / f"{record.id}.json") == record
    assert not [path for path in home.home().rglob(".draft-*")]


def trains_no_more(disk, applied) -> bool:  # noqa: F811
    disk.last = 0
    applied.clear()
    runner.run(pipeline("quantize"))
    return applied["train"] == 0


def test_a_full_disk_makes_room_for_the_record(monkeypatch, disk):
    """As long as stages stand in the cache nothing can be written: they leave for the record."""

    def fill(event):
        if event["kind"] == "measured" and event["index"] == 1:
            monkeypatch.setattr(disk, "refused", lambda: any(home.stages_folder().glob("[!.]*")))

    record = runner.run(pipeline("quantize"), report=fill)
    assert (home.runs_folder() / f"{record.id}.json").is_file()


def test_a_stage_that_cannot_be_kept_is_a_note(monkeypatch):
    def refuse(*_, **__):
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", refuse)
    events = []
    runner.run(pipeline("quantize"), report=events.append)
    notes = [event["text"] for event in events if event["kind"] == "note"]
    assert notes == [
        f"{step}: not kept in the stage cache for later runs; got a full disk."
        for step in ("dense", "quantize")
    ]
