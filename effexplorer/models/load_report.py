"""Load reports: what transformers tells of how a file of weights fits its config."""

from __future__ import annotations

from typing import Any

from effexplorer.errors import UserError
from effexplorer.models.families import Family


def check_report(report: dict[str, Any], family: Family) -> None:
    """Raise UserError where the file and the config tell of different encoders."""
    reason = _misfit(report, family)
    if reason:
        raise UserError(f"model: must be a whole checkpoint of transformers; got {reason}.")


def drawn_weights(report: dict[str, Any]) -> list[str]:
    """Return the names of the weights that the file lacks, or has in another shape."""
    return [*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])]


def _misfit(report: dict[str, Any], family: Family) -> str | None:
    lacking = sorted(name for name in report["missing_keys"] if not name.startswith(family.head))
    more = sorted(report["unexpected_keys"])
    if lacking:
        end = lacking[0].removeprefix(family.root)
        prefixed = next((name for name in more if name.endswith(end)), None)
        return f"no {lacking[0]}" + (f", but {prefixed}" if prefixed else "")
    others = [name for name, *_ in report["mismatched_keys"] if not name.startswith(family.head)]
    if others:
        return f"no {min(others)} of the shape that config.json tells"
    extra = next((name for name in more if f"{family.layers}." in name), None)
    return f"{extra}, of which config.json does not tell" if extra else None
