"""What the values of a record must be like, so that whatever shows or compares them can trust them.

The file's reader has seen to the kinds of the fixed fields; here are their ranges, and the kinds of
what stands in the free ones: the pipeline, the data, the weights and the machine.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from effexplorer import limits
from effexplorer.plain_text import is_text
from effexplorer.records.schema import Record, Stage

_ID = re.compile(r"[0-9a-f]{12}")
_SCALE = 100.0001  # percent, and what rounding adds
_FREE = {  # of the free fields, those that are looked at
    "pipeline.train_examples": (int, type(None)),
    "pipeline.epochs": (int, float, type(None)),
    "pipeline.max_length": (int, type(None)),
    "data.source": (str,),
    "data.fingerprint": (str,),
    "data.settings": (str,),
    "data.train_examples": (int,),
    "data.train_sentences": (int,),
    "data.train_phrases": (int,),
    "data.held_out_examples": (int,),
    "data.validation_examples": (int,),
    "weights.source": (str,),
    "weights.sha256": (str,),
    "weights.tokenizer": (str,),
    "weights.config": (str,),
    "machine.processor": (str,),
    "machine.threads": (int,),
    "machine.cores": (int, type(None)),
    "machine.gpu": (str,),
}


def check_values(record: Record) -> None:
    """Raise ValueError, naming the field, for a value that no measured run has."""
    if not _ID.fullmatch(record.id):
        raise ValueError(f"id must be 12 hexadecimal digits; got {record.id[:40]!r}")
    datetime.datetime.fromisoformat(record.created)
    steps = record.pipeline["steps"]
    if len(record.stages) != len(steps) + 1 or len(steps) > limits.MAX_STEPS:
        raise ValueError(f"stages must be one more than the {len(steps)} steps")
    for step in steps:
        if not isinstance(step, dict) or not isinstance(step.get("operator"), str):
            raise ValueError("pipeline.steps must name their operators")
        _check_scalars("pipeline.steps", step)
    for name in ("pipeline", "data", "weights", "machine"):
        _check_free(name, getattr(record, name))
    check_texts(record.__dict__.values(), "record")
    for stage in record.stages:
        _check_stage(stage)


def _check_free(name: str, values: Mapping[str, Any]) -> None:
    """See to the values of a free field; ``steps`` and ``students`` are the only nested ones."""
    students = values.get("students", {})
    if not isinstance(students, dict) or not all(
        isinstance(student, dict) for student in students.values()
    ):
        raise ValueError(f"{name}.students must be the hashes of models")
    for model in students.values():
        _check_scalars(f"{name}.students", model)
    _check_scalars(name, {key: values[key] for key in values if key not in ("steps", "students")})
    for key, value in values.items():
        kinds = _FREE.get(f"{name}.{key}")
        if kinds and type(value) not in kinds:
            raise ValueError(f"{name}.{key} must be {kinds[0].__name__}; got {str(value)[:40]!r}")
        if kinds and isinstance(value, (int, float)) and value < 0:
            raise ValueError(f"{name}.{key} must be 0 or more; got {str(value)[:40]}")


def _check_scalars(name: str, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if value is not None and not isinstance(value, (str, int, float)):
            raise ValueError(f"{name}.{key[:40]} must be text or a number; got {str(value)[:40]!r}")


def check_texts(values: Iterable[Any], where: str) -> None:
    """Raise ValueError for a text below ``values`` that is not one line, or too large a number."""
    for value in values:
        if isinstance(value, str):
            if len(value) > limits.MAX_RECORD_TEXT or not is_text(value):
                raise ValueError(
                    f"{where} must hold texts in one line of at most {limits.MAX_RECORD_TEXT} "
                    f"characters; got {value[:40]!a}"
                )
        elif isinstance(value, int):
            if abs(value) > limits.MAX_RECORD_INTEGER:
                raise ValueError(f"{where} must hold numbers that can be drawn; got a larger one")
        elif isinstance(value, Mapping):
            check_texts(value, where)
            check_texts(value.values(), where)
        elif isinstance(value, (list, tuple)):
            check_texts(value, where)
        elif isinstance(value, Stage) or hasattr(value, "layer"):
            check_texts(value.__dict__.values(), where)


def _check_stage(stage: Stage) -> None:  # noqa: C901 - one rule after another
    percents = {"score": stage.score, **stage.metrics}
    percents |= {"score_low": stage.score_low, "score_high": stage.score_high}
    percents |= {f"exit {exit.layer}": exit.score for exit in stage.exits}
    for name, value in percents.items():
        if not -_SCALE <= value <= _SCALE:
            raise ValueError(f"{name} must be percent; got {value}")
    if stage.score_low > stage.score_high:
        raise ValueError("score_low must be at most score_high")
    for name in _COUNTED:
        if getattr(stage, name) < 0:
            raise ValueError(f"{name} must be 0 or more; got {getattr(stage, name)}")
    if stage.layers < 0:
        raise ValueError(f"layers must be 0 or more; got {stage.layers}")
    layers = [exit.layer for exit in stage.exits]
    if layers != sorted({layer for layer in layers if 0 <= layer <= stage.layers}):
        raise ValueError(f"exits must be layers of the model in order; got {str(layers)[:40]}")
    for exit in stage.exits:
        if not (exit.macs >= 0 and exit.temperature > 0 and 0 <= exit.share <= _SCALE):
            raise ValueError(f"exit {exit.layer} must have a cost, a temperature and a share")
    if stage.exits and not {"score", "macs", "layers"} <= stage.operating.keys():
        raise ValueError("operating must have score, macs and layers")
    if not all(map(math.isfinite, stage.operating.values())):
        raise ValueError("operating must be numbers")


_COUNTED = (
    "parameters",
    "nonzero",
    "bytes",
    "ideal_bytes",
    "macs",
    "latency_ms",
    "latency_p95_ms",
    "threads",
    "seconds",
)
