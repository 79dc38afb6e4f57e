import pytest

from effexplorer.errors import UserError, shown
from effexplorer.operators.knobs import Knob

SHARE = Knob("share", "float", 0.5, "A share.", 0.0, 1.0)
COUNT = Knob("count", "int", 3, "A count.", 1, 24)
BITS = Knob("bits", "choice", 8, "Bits.", choices=(8, 4))


@pytest.mark.parametrize(
    ("knob", "given", "taken"),
    [
        (SHARE, 1, 1.0),
        (SHARE, "0.25", 0.25),
        (SHARE, "1e-05", 1e-5),
        (COUNT, "3", 3),
        (COUNT, 3.0, 3),
        (BITS, "4", 4),
        (BITS, 8, 8),
    ],
)
def test_a_value_is_taken_in_the_knobs_kind(knob, given, taken):
    found = knob.checked("op", given)
    assert found == taken and type(found) is type(taken)


def test_minus_zero_is_zero():
    assert str(SHARE.checked("op", -0.0)) == "0.0"


@pytest.mark.parametrize(
    ("knob", "given", "said"),
    [
        (SHARE, 2.0, "op: share must be between 0 and 1; got 2.0."),
        (SHARE, "a lot", "op: share must be a number; got a lot."),
        (SHARE, 10**400, "op: share must be a number; got 1000000"),
        (COUNT, 2.5, "op: count must be a whole number; got 2.5."),
        (COUNT, True, "op: count must be a whole number; got True."),
        (COUNT, "", "op: count must be a whole number; got nothing."),
        (BITS, 3, "op: bits must be one of 8, 4; got 3."),
        (BITS, "8.0", "op: bits must be one of 8, 4; got 8.0."),
    ],
)
def test_a_refusal_gives_subject_rule_and_value(knob, given, said):
    with pytest.raises(UserError) as raised:
        knob.checked("op", given)
    assert str(raised.value).startswith(said)


def test_a_shown_value_is_short_and_on_one_line():
    assert shown("a\nb" * 500) == "a" + " ba" * 12 + "..."
    assert shown("") == "nothing"
