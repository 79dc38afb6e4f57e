"""A label column's values: classes by name or number, or the numbers of a regression."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError

CLASS_METRICS = {
    "accuracy": ("accuracy",),
    "f1": ("f1", "accuracy"),
    "macro_f1": ("macro_f1", "accuracy"),
    "matthews": ("matthews_correlation", "accuracy"),
}
METRICS = CLASS_METRICS | {"spearman": ("spearmanr", "pearson")}
_SEPARATORS = "|;,"


@dataclass(frozen=True)
class Labels:
    """The classes' names in the order of their numbers, or none for a regression."""

    names: tuple[str, ...]
    metrics: tuple[str, ...]

    def number(self, value: Any) -> int | float | None:
        """Return the class's number or the number itself; None for a value that is neither."""
        plain = plain_label(value)
        if not self.names:
            return plain if isinstance(plain, float) and _in_bounds(plain) else None
        name = _name(plain)
        return self.names.index(name) if name in self.names else None

    @property
    def rule(self) -> str:
        """Return what a label must be, for an error."""
        if self.names:
            listed = ", ".join(self.names[:10]) + (", ..." if len(self.names) > 10 else "")
            return f"one of {listed}"
        most = limits.MAX_REGRESSION_LABEL
        return f"a number between {-most:g} and {most:g}"


def plain_label(value: Any) -> str | float | None:
    """Return a cell as a number or a name, None for an empty one; raises UserError for a list."""
    if isinstance(value, (list, tuple, dict, set)):
        raise UserError("label must be one class or number; got several (multi-label data).")
    if isinstance(value, bool):
        return str(value).lower()
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = text.strip()
    if value is None or not text or text.lower() == "nan":
        return None
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return text
    return number if math.isfinite(number) else text


def find_labels(where: str, values: list[Any], metric: str = "") -> Labels:
    """Return what the labels of a training table mean.

    Numbers with a fraction are a regression, and so are all numbers if ``metric`` is spearman;
    everything else is classes, in the order of their numbers or of the alphabet. Raises UserError
    about ``where`` for lists, a metric that does not fit, one class only, too many, and names that
    differ in case alone.
    """
    if metric and metric not in METRICS:
        raise UserError(f"metric: must be one of {', '.join(METRICS)}; got {metric[:40]}.")
    plain = []
    for row, value in enumerate(values, start=1):
        try:
            plain.append(plain_label(value))
        except UserError as error:
            raise UserError(f"{where}, row {row}: {error}") from error
    known = [value for value in plain if value is not None]
    numeric = bool(known) and all(isinstance(value, float) for value in known)
    broken = next((row for row, v in enumerate(plain, start=1) if _fraction(v)), None)
    if metric == "spearman" or (not metric and numeric and broken):
        return _regression(where, plain, numeric)
    if numeric and broken:
        raise UserError(
            f"{where}, row {broken}: label must be a class, as {metric} needs; "
            f"got {plain[broken - 1]:g}."
        )
    names = {name for value in known if (name := _name(value)) is not None}
    ordered = tuple(sorted(names, key=float) if numeric else sorted(names))
    _check_names(where, ordered, metric)
    return Labels(ordered, CLASS_METRICS[metric or "accuracy"])


def _regression(where: str, plain: list[str | float | None], numeric: bool) -> Labels:
    if not numeric:
        row = next((at for at, v in enumerate(plain, start=1) if isinstance(v, str)), 1)
        raise UserError(
            f"{where}, row {row}: label must be a number; got {str(plain[row - 1])[:40]}."
        )
    if len({value for value in plain if value is not None}) < 2:
        raise UserError(f"{where}: labels must be at least 2 different numbers; got one.")
    return Labels((), METRICS["spearman"])


def _check_names(where: str, names: tuple[str, ...], metric: str) -> None:
    several = [
        name
        for name in names
        for mark in _SEPARATORS
        if mark in name and {part.strip() for part in name.split(mark)} <= set(names)
    ]
    if several or any(name.startswith("[") and name.endswith("]") for name in names):
        clash = several[0] if several else next(name for name in names if name.startswith("["))
        raise UserError(
            f"{where}: label must be one class; got {clash[:40]}, which is several "
            "(multi-label data are not supported)."
        )
    if len(names) < 2:
        raise UserError(
            f"{where}: labels must be of at least 2 classes; got {', '.join(names)[:40] or 'none'}."
        )
    if len(names) > limits.MAX_CLASSES:
        raise UserError(
            f"{where}: labels must be of at most {limits.MAX_CLASSES} classes; got {len(names)}. "
            "If they are numbers to be predicted, choose the metric spearman."
        )
    longest = max(names, key=len)
    if len(longest) > limits.MAX_LABEL_CHARACTERS:
        raise UserError(
            f"{where}: a label must have at most {limits.MAX_LABEL_CHARACTERS} characters; "
            f"got {longest[:40]}..."
        )
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(" ".join(name.split()).casefold(), name)
        if other != name:
            raise UserError(
                f"{where}: labels must not differ in case or space alone; got {other} and {name}."
            )
    if metric == "f1" and len(names) != 2:
        raise UserError(
            f"{where}: f1 must have 2 classes; got {len(names)}. Choose macro_f1 for more."
        )


def _name(value: str | float | None) -> str | None:
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else str(value)
    return value


def _fraction(value: str | float | None) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _in_bounds(value: float) -> bool:
    return abs(value) <= limits.MAX_REGRESSION_LABEL
