import os
import threading

import pytest

from effexplorer import bounded_file


def test_a_regular_file_is_read_whole(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert bounded_file.read_bytes(tmp_path / "file", 5) == b"12345"
    assert bounded_file.read_text(tmp_path / "file", 5) == "12345"


def test_a_link_to_a_regular_file_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to("file")
    assert bounded_file.read_bytes(tmp_path / "link", 5) == b"1"


def test_a_larger_file_is_refused_with_its_size(tmp_path):
    (tmp_path / "file").write_bytes(b"123456")
    with pytest.raises(ValueError, match="must be at most 5 bytes; got 6"):
        bounded_file.read_bytes(tmp_path / "file", 5)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"12345")
    opened = bounded_file.open_regular

    def grown(path, limit):
        file = opened(path, limit)
        path.write_bytes(b"1234567")
        return file

    monkeypatch.setattr(bounded_file, "open_regular", grown)
    with pytest.raises(ValueError, match="must be at most 5 bytes; got more"):
        bounded_file.read_bytes(tmp_path / "file", 5)


@pytest.fixture(params=["device", "endless device", "pipe", "folder", "socketless link"])
def odd(request, tmp_path):
    path = tmp_path / "odd.json"
    if request.param == "folder":
        path.mkdir()
    elif request.param == "pipe":
        os.mkfifo(path)
    else:
        targets = {"device": "/dev/null", "endless device": "/dev/zero"}
        path.symlink_to(targets.get(request.param, "/nowhere"))
    return path


def test_what_is_no_regular_file_is_refused_at_once(odd):
    ended = []

    def read():
        with pytest.raises((ValueError, OSError)):
            bounded_file.read_bytes(odd, 5)
        ended.append(True)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(20)
    assert ended
