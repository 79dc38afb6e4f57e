"""A knob: one setting of an operator, with the bounds and the help that draw its form."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.plain_text import is_text

_REFUSED = "( ) , >"  # which mean something in steps as they are typed


@dataclass(frozen=True)
class Knob:
    """One setting: its name, kind, default, bounds and help.

    The kind is ``int``, ``float``, ``choice``, or ``model``: one of the choices, or the name of any
    other model, which is not looked up here.
    ``young`` tells that there are records from before it: at its default it is no part of a key.
    """

    name: str
    kind: str
    default: int | float | str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[int | str, ...] = ()
    young: bool = False

    def checked(self, subject: str, value: Any) -> int | float | str:
        """Return ``value`` in this knob's kind.

        Text is accepted for numbers (``"3"`` for 3), as the command line and browsers send it.
        Raises UserError when it is of another kind or out of bounds.
        """
        if self.choices:
            for choice in self.choices:
                if str(choice) == str(value) and not isinstance(value, bool):
                    return choice
            if self.kind == "model" and _may_name_a_model(value):
                return str(value).strip()
            allowed = ", ".join(map(str, self.choices)) + self.others
            raise UserError(f"{subject}: {self.name} must be one of {allowed}; got {shown(value)}.")
        number = _number(value)
        wanted = "a whole number" if self.kind == "int" else "a number"
        if number is None or (self.kind == "int" and not number.is_integer()):
            raise UserError(f"{subject}: {self.name} must be {wanted}; got {shown(value)}.")
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if not low <= number <= high:
            bounds = f"between {_plain(low)} and {_plain(high)}"
            raise UserError(f"{subject}: {self.name} must be {bounds}; got {shown(value)}.")
        return int(number) if self.kind == "int" else number + 0.0  # -0.0 becomes 0.0

    @property
    def others(self) -> str:
        """Return what else than a choice this knob takes, to follow a list of these, or ""."""
        models = f", a folder's path or hub:org/name@revision, without any of {_REFUSED}"
        return models if self.kind == "model" else ""

    def to_dict(self) -> dict[str, Any]:
        """Return this knob as plain JSON values."""
        return dataclasses.asdict(self) | {"choices": list(self.choices)}


def knob(
    default: int | float | str,
    *,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[int | str, ...] = (),
    young: bool = False,
    models: bool = False,
) -> Any:
    """Declare a knob as a dataclass field; its kind follows from the default and the choices.

    With ``models`` it takes other models than those of the choices, too.
    """
    kind = "model" if models else "choice" if choices else type(default).__name__
    bounds = {"kind": kind, "help": help, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata=bounds | {"young": young})


def epochs_knob(when: str = "") -> Any:
    """Declare the knob that every operator that trains has."""
    text = f"Passes over the training data{when}; 0 takes as many as the dense model."
    return knob(0.0, low=0.0, high=limits.MAX_EPOCHS, help=text)


def _may_name_a_model(value: Any) -> bool:
    """Tell whether ``value`` can stand in steps as they are typed; nothing is looked up."""
    if not isinstance(value, str) or not value.strip():
        return False
    return is_text(value.strip()) and not set(value) & set(_REFUSED.split())


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
