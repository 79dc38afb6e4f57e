import pytest

from effexplorer.errors import UserError
from effexplorer.find.quantities import BYTES, COUNT, MILLISECONDS, SECONDS, quantity


@pytest.mark.parametrize(
    ("text", "units", "value"),
    [
        ("15MB", BYTES, 15e6),
        ("1.5 gb", BYTES, 1.5e9),
        ("2ms", MILLISECONDS, 2.0),
        ("60min", SECONDS, 3600.0),
        ("1.5h", SECONDS, 5400.0),
        ("80M", COUNT, 80e6),
        ("120", COUNT, 120.0),
    ],
)
def test_a_number_with_a_unit_is_read(text, units, value):
    assert quantity("max-size", text, units) == value


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "15 parsecs", "1e3MB", "1,5MB", "nanms"])
def test_what_is_none_is_told_with_the_units(text):
    with pytest.raises(
        UserError, match="max-size: must be a number with one of b, kb, mb, gb; got"
    ):
        quantity("max-size", text, BYTES)
