"""The two exceptions that carry meaning across the whole program, and how they show a value."""

from typing import Any


class UserError(Exception):
    """Something the user can mend. Its one sentence (subject: rule; got value) is shown whole."""


class Cancelled(Exception):
    """A run was asked to stop and did so between two steps."""


def shown(value: Any) -> str:
    """Return ``value`` as text short enough to stand in an error's sentence."""
    text = " ".join(str(value).split()) or "nothing"
    return text if len(text) <= 40 else text[:37] + "..."
