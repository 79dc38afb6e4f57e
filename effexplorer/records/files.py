"""The file of a record: read strictly, written so that a crash leaves the whole file or none."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any

from effexplorer import atomic, bounded_file, limits
from effexplorer.errors import UserError
from effexplorer.records.checks import check_values
from effexplorer.records.schema import CONFIRMED, EXPLORED, SCHEMA, Exit, Record, Stage


def read_record(path: Path) -> Record:
    """Return the record in ``path``; raises UserError saying what is wrong with the file."""
    try:
        text = bounded_file.read_text(path, limits.MAX_RECORD_BYTES)
        data = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if isinstance(data, dict) and data.get("schema") != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA}; got {str(data.get('schema'))[:20]}")
        record: Record = _build(Record, data, "record")
        if not record.stages:
            raise ValueError("stages must not be empty")
        if record.phase not in (EXPLORED, CONFIRMED):
            raise ValueError(f"phase must be {EXPLORED} or {CONFIRMED}; got {record.phase[:20]}")
        for name, kind in (("model", str), ("task", str), ("seed", int), ("steps", list)):
            _build(kind, record.pipeline.get(name), f"pipeline.{name}")
        check_values(record)
    except (OSError, ValueError, OverflowError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path.name}: not a run's record: {reason}.") from error
    return record


def from_json(text: str) -> Record:
    """Return the record whose ``to_json`` is ``text``, which must come from a checked one.

    What many records have alike (the machine, the steps, the stages of a shared beginning) is the
    same object in all of them, so that ten thousand need a third of the memory.
    """
    plain = json.loads(text)
    for name in ("data", "weights", "machine", "versions"):
        plain[name] = _shared(plain[name])
    plain["pipeline"]["steps"] = _shared(plain["pipeline"]["steps"])
    *before, last = plain["stages"]
    return Record(**plain | {"stages": (*map(_shared_stage, before), _stage(last))})


def _shared_stage(plain: dict[str, Any]) -> Stage:
    key = repr(plain)
    if key not in _first:
        _first[key] = _stage(plain)
    stage: Stage = _first[key]
    return stage


def _stage(plain: dict[str, Any]) -> Stage:
    texts = {name: sys.intern(plain[name]) for name in _TEXTS}
    return Stage(**plain | texts | {"exits": tuple(Exit(**exit) for exit in plain["exits"])})


def _shared(value: Any) -> Any:
    """Return the first value that was equal to ``value``."""
    return _first.setdefault(repr(value), value)


_first: dict[str, Any] = {}
_TEXTS = [name for name, kind in typing.get_type_hints(Stage).items() if kind is str]


def write_record(record: Record, folder: Path) -> Path:
    """Write ``record`` into ``folder`` so that a crash leaves the whole file or none.

    Returns its path. A record that is already there is left as it is: records are immutable. Raises
    ValueError, and writes nothing, for values that ``read_record`` would refuse.
    """
    check_values(record)
    path = folder / f"{record.id}.json"
    atomic.write(path, record.to_json().encode(), replace=False)
    return path


@cache
def _fields(kind: type) -> tuple[dict[str, Any], set[str]]:
    """Return a record's fields with their kinds, and which of them every file has.

    Younger fields have defaults.
    """
    needed = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is field.default_factory is dataclasses.MISSING
    }
    return typing.get_type_hints(kind), needed


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:40]} is too large for a number")
    return number


def _build(kind: Any, value: Any, where: str) -> Any:
    """Return ``value`` as ``kind``; ValueError tells where and why it is not one."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        fields, needed = _fields(kind)
        given = set(value) if isinstance(value, dict) else set()
        if not needed <= given <= set(fields):
            odd = ", ".join(sorted(needed - given | given - set(fields))[:3])
            raise ValueError(f"{where} has missing or unknown fields: {odd}")
        return kind(**{name: _build(fields[name], value[name], name) for name in value})
    origin = typing.get_origin(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(typing.get_args(kind)[0], item, where) for item in value)
    if origin is dict and isinstance(value, dict):
        inner = typing.get_args(kind)[1]
        return {name: _build(inner, item, f"{where}.{name}") for name, item in value.items()}
    if kind is Any:
        return value
    if kind is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(value) is kind:
        return value
    raise ValueError(f"{where} must be {getattr(kind, '__name__', kind)}; got {str(value)[:40]}")
