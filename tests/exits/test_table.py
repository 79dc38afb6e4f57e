import numpy as np
import pytest
from scipy.special import softmax as scipys_softmax

from effexplorer.errors import UserError
from effexplorer.exits.table import read_table, softmax, write_table
from tests.exits.builders import a_table, made_logits


def test_a_table_is_read_as_it_was_written(tmp_path):
    table = a_table(tags=np.array(["plain", "mixed"] * 20))
    write_table(table, tmp_path / "new" / "exits.npz")
    found = read_table(tmp_path / "new" / "exits.npz")
    for name, value in vars(table).items():
        tolerance = 1e-3 if name == "logits" else 0  # half precision in the file
        if name == "tags":
            assert found.tags.tolist() == value.tolist()
        else:
            np.testing.assert_allclose(getattr(found, name), value, rtol=tolerance)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["exits.npz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 100, None])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "exits.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"exits\.npz: must be an exit table; got"):
        read_table(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.zeros(3)},
        {"macs": np.zeros((40, 2))},
        {"logits": np.zeros((0, 3, 2))},
        {"logits": np.zeros(40)},
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, changes):
    write_table(a_table(**changes), tmp_path / "exits.npz")
    with pytest.raises(
        UserError, match=r"must be an exit table; got (labels|macs|logits) of the shape"
    ):
        read_table(tmp_path / "exits.npz")


def test_softmax_is_scipys_even_of_huge_logits():
    logits = 1e4 * made_logits()
    np.testing.assert_allclose(softmax(logits), scipys_softmax(logits, axis=-1))


@pytest.mark.parametrize("calibrated", [True, False])
def test_probabilities_are_those_at_the_temperatures(calibrated):
    table = a_table()
    scale = table.temperatures[:, None] if calibrated else 1.0
    expected = scipys_softmax(table.logits / scale, axis=-1)
    np.testing.assert_allclose(table.probabilities(calibrated=calibrated), expected, rtol=1e-6)
