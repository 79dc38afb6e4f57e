"""Exit tables of unknown origin: opened, or refused in one sentence; in bounded memory."""

import io
import random
import zipfile

import numpy as np
import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.exits.table import read_table, write_table
from tests.exits.builders import a_table


def sentence(path) -> str:
    with pytest.raises(UserError) as raised:
        read_table(path)
    text = str(raised.value)
    assert text.startswith(f"{path.name}: must be an exit table; got ") and "\n" not in text
    return text


def table_with(path, **changes):
    np.savez(path, **vars(a_table()) | changes)
    return path


EXAMPLES, EXITS = a_table().logits.shape[:2]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("logits", np.zeros((EXAMPLES, EXITS, 2), int)),
        ("logits", np.full((EXAMPLES, EXITS, 2), np.nan)),
        ("logits", np.full((EXAMPLES, EXITS, 2), np.inf)),
        ("logits", np.zeros((EXAMPLES, EXITS, 0))),
        ("logits", np.full((EXAMPLES, EXITS, 2), "1.5")),
        ("temperatures", np.zeros(EXITS)),
        ("temperatures", np.full(EXITS, -1.0)),
        ("temperatures", np.ones(EXITS + 1)),
        ("temperatures", np.ones((EXITS, 1))),
        ("macs", np.full((EXAMPLES, EXITS), -1.0)),
        ("macs", np.full((EXAMPLES, EXITS), np.nan)),
        ("macs", np.full((EXAMPLES, EXITS), "many")),
        ("layers", np.zeros(EXITS, int)),
        ("layers", np.ones(EXITS, int)),
        ("layers", np.arange(1, EXITS + 1)[::-1]),
        ("layers", np.arange(1, EXITS + 1) + 0.5),
        ("labels", np.full(EXAMPLES, -1)),
        ("labels", np.full(EXAMPLES, 2)),
        ("labels", np.full(EXAMPLES, "positive")),
        ("labels", np.zeros((EXAMPLES, 1), int)),
        ("tokens", np.zeros(EXAMPLES, int)),
        ("tokens", np.full(EXAMPLES, 7.5)),
        ("tags", np.full(EXAMPLES + 1, "plain")),
        ("tags", np.zeros(EXAMPLES, int)),
        ("threshold", np.array(np.inf)),
        ("threshold", np.array([0.5])),
        ("threshold", np.array("high")),
        ("threshold", np.array(1)),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{one.dtype}{one.shape}",
)
def test_arrays_that_would_raise_later_are_refused_when_they_are_read(tmp_path, name, values):
    assert name in sentence(table_with(tmp_path / "exits.npz", **{name: values}))


def test_an_array_of_objects_is_refused_unread(tmp_path):
    odd = np.array([object()] * EXAMPLES, dtype=object)
    np.savez(tmp_path / "exits.npz", **vars(a_table()) | {"labels": np.array([{}] * len(odd))})
    assert "labels" in sentence(tmp_path / "exits.npz")


def member(shape, content=b"", dtype="<f4") -> bytes:
    file = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + content


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in members.items():
            whole.writestr(f"{name}.npy", content)
    return path


def test_an_array_that_claims_more_than_it_holds_takes_no_memory(tmp_path):
    path = archive(tmp_path / "exits.npz", logits=member((10**6, 10**6, 2)))
    assert "logits" in sentence(path)


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(tmp_path):
    content = member((limits.MAX_ARRAY_BYTES // 4, 1, 1), bytes(limits.MAX_ARRAY_BYTES))
    path = archive(tmp_path / "exits.npz", logits=content)
    assert path.stat().st_size < 100_000
    assert f"more than {limits.MAX_ARRAY_BYTES:,}" in sentence(path)


def test_a_folder_is_no_table(tmp_path):
    (tmp_path / "exits.npz").mkdir()
    assert "got must be a regular file; got a folder" in sentence(tmp_path / "exits.npz")


def test_a_table_with_any_byte_changed_is_a_table_or_refused(tmp_path):
    path, chance = tmp_path / "exits.npz", random.Random(0)  # noqa: S311 - no secret
    write_table(a_table(), path)
    whole = path.read_bytes()
    for _ in range(150):
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([chance.randrange(256)]) + whole[at + 1 :])
        try:
            read_table(path)
        except UserError as error:
            assert str(error).startswith("exits.npz: must be an exit table; got ")
