"""Quantities as people type them: ``15MB``, ``2ms``, ``60min``, ``120M``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from effexplorer.errors import UserError, shown

_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
BYTES = {"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9}
SECONDS = {"s": 1, "min": 60, "h": 3600}
MILLISECONDS = {"ms": 1, "s": 1e3}
COUNT = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}


def quantity(subject: str, text: str, units: Mapping[str, float]) -> float:
    """Return ``text`` in the unit that counts 1; a number alone is in that unit.

    Raises UserError naming ``subject`` and the units for anything else.
    """
    match = _NUMBER.fullmatch(text)
    unit = match[2].lower() if match else None
    if match and (unit in units or not unit):
        return float(match[1]) * units.get(unit or "", 1)
    names = ", ".join(name for name in units if name) or "no unit"
    raise UserError(f"{subject}: must be a number with one of {names}; got {shown(text)}.")
