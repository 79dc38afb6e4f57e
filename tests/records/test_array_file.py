import numpy as np
import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.records.array_file import read_arrays, write_arrays


def test_arrays_are_read_as_they_were_written(tmp_path):
    arrays = {"a": np.arange(5), "b": np.zeros((2, 3), np.float16)}
    write_arrays(arrays, tmp_path / "new" / "x.npz")
    found = read_arrays(tmp_path / "new" / "x.npz", ("b", "a"))
    assert list(found) == ["b", "a"]
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.npz"]


def test_what_was_there_is_replaced(tmp_path):
    for number in (1, 2):
        write_arrays({"a": np.full(3, number)}, tmp_path / "x.npz")
    assert read_arrays(tmp_path / "x.npz", ("a",))["a"].tolist() == [2, 2, 2]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"\x00" * 100])
def test_a_file_that_holds_no_arrays_is_one_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"^x\.npz: must hold the arrays a; got .+\.$"):
        read_arrays(tmp_path / "x.npz", ("a",))


def test_a_missing_array_is_named(tmp_path):
    write_arrays({"a": np.zeros(1)}, tmp_path / "x.npz")
    with pytest.raises(UserError, match=r"must hold the arrays a, b; got .*b"):
        read_arrays(tmp_path / "x.npz", ("a", "b"))


def test_a_small_file_that_unpacks_to_a_large_one_is_refused_unread(tmp_path, monkeypatch):
    write_arrays({"a": np.zeros(100_000)}, tmp_path / "x.npz")
    monkeypatch.setattr(limits, "MAX_ARRAY_BYTES", 50_000)
    assert (tmp_path / "x.npz").stat().st_size < 50_000
    with pytest.raises(UserError, match="more than 50,000"):
        read_arrays(tmp_path / "x.npz", ("a",))


def test_a_pickled_object_is_refused(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.array([{"a": 1}], dtype=object))
    with pytest.raises(UserError, match="must hold the arrays a"):
        read_arrays(tmp_path / "x.npz", ("a",))


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_arrays({"a": np.zeros(1)}, tmp_path / "x.npz")
    assert list(tmp_path.iterdir()) == []
