import pytest

from effexplorer.runner.file_bundle import pack, unpack


def test_what_is_packed_is_there_again_where_it_is_unpacked(tmp_path):
    here, there = tmp_path / "here", tmp_path / "a" / "there"
    (here / "folder").mkdir(parents=True)
    (here / "one.txt").write_text("1", "utf-8")
    (here / "two.bin").write_bytes(b"\x00\xff")
    files = pack(here.iterdir())
    unpack(files, there)
    assert files == {"one.txt": b"1", "two.bin": b"\x00\xff"}
    assert {path.name: path.read_bytes() for path in there.iterdir()} == files


@pytest.mark.parametrize("name", ["../out", "/out", "a/b", "..", ""])
def test_no_file_leaves_the_folder(tmp_path, name):
    with pytest.raises(ValueError, match="no file's name"):
        unpack({name: b""}, tmp_path / "folder")
    assert not (tmp_path / "out").exists()
