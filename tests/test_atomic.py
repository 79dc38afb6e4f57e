import errno
import subprocess
import sys

import pytest
from safetensors import SafetensorError

from effexplorer import atomic


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole_and_replaces_another(tmp_path):
    atomic.write(tmp_path / "new" / "file", b"1")
    atomic.write(tmp_path / "new" / "file", b"2")
    assert names(tmp_path / "new") == ["file"] and (tmp_path / "new/file").read_bytes() == b"2"


def test_a_file_that_must_not_be_replaced_is_left(tmp_path):
    for content in (b"1", b"2"):
        atomic.write(tmp_path / "file", content, replace=False)
    assert names(tmp_path) == ["file"] and (tmp_path / "file").read_bytes() == b"1"


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def refuse(descriptor):
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError):
        atomic.write(tmp_path / "file", b"1")
    assert names(tmp_path) == []


def test_what_killed_writers_left_is_swept_and_all_else_is_kept(tmp_path):
    left = [".draft-1", ".0a.ff.tmp", f".{'a' * 32}"]
    for name in (*left, "record.json", ".lock", ".quiet"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".draft-folder").mkdir()
    assert atomic.sweep(tmp_path) == 4
    assert names(tmp_path) == [".lock", ".quiet", "record.json"]


def test_what_is_being_written_is_not_swept(tmp_path):
    with atomic.draft(tmp_path) as path:
        path.write_bytes(b"1")
        atomic.sweep(tmp_path)
        assert path.exists()
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_swept(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from effexplorer import atomic\n"
        "with atomic.draft(Path(sys.argv[1])) as path:\n"
        "    path.mkdir(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)  # noqa: S603
    assert len(names(tmp_path)) == 1
    assert atomic.sweep(tmp_path) == 1 and names(tmp_path) == []


def test_a_folder_that_is_not_there_has_nothing_to_sweep(tmp_path):
    assert atomic.sweep(tmp_path / "none") == 0


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "x"),
        OSError(errno.EDQUOT, "x"),
        SafetensorError("I/O error: No space left on device (os error 28)"),
    ],
    ids=str,
)
def test_a_full_disk_is_known_however_it_is_said(error):
    assert atomic.disk_full(error)
    outer = ValueError("outer")
    outer.__cause__ = error
    assert atomic.disk_full(outer)


def test_another_error_is_no_full_disk():
    assert not atomic.disk_full(OSError(errno.EACCES, "x")) and not atomic.disk_full(None)
