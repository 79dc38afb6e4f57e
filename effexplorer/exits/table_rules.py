"""What the arrays of an exit table must be like, so that whatever is computed of them is sound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def check_arrays(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError, naming the array, for an exit table that cannot be one."""
    logits = arrays["logits"]
    if logits.ndim != 3 or not logits.size:
        raise ValueError(f"logits of the shape {logits.shape}")
    examples, exits, outputs = logits.shape
    tags = (examples,) if arrays["tags"].size else (0,)
    shapes = {
        "temperatures": (exits,),
        "macs": (examples, exits),
        "layers": (exits,),
        "labels": (examples,),
        "tokens": (examples,),
        "tags": tags,
        "threshold": (),
    }
    kinds = {"logits": "f", "temperatures": "f", "macs": "fiu", "layers": "iu", "tokens": "iu"}
    kinds |= {"labels": "f" if outputs == 1 else "iu", "tags": "Uf", "threshold": "f"}
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} of the shape {arrays[name].shape} instead of {shape}")
    for name, kind in kinds.items():
        if arrays[name].dtype.kind not in kind:
            raise ValueError(f"{name} of the type {arrays[name].dtype}")
    rules = {
        "logits": np.isfinite(logits).all(),
        "temperatures": _between(arrays["temperatures"], np.finfo(float).tiny, np.inf),
        "macs": _between(arrays["macs"], 0, np.inf),
        "layers": arrays["layers"][0] >= 0 and (np.diff(arrays["layers"].astype(int)) > 0).all(),
        "labels": _between(arrays["labels"], -np.inf if outputs == 1 else 0, np.inf)
        and (outputs == 1 or arrays["labels"].max() < outputs),
        "tokens": _between(arrays["tokens"], 1, np.inf),
        "threshold": not np.isinf(arrays["threshold"]),
    }
    for name, holds in rules.items():
        if not holds:
            raise ValueError(f"{name} with values that cannot be")


def _between(values: np.ndarray, low: float, high: float) -> bool:
    """Tell whether all are at least ``low`` and finite, which NaN is not."""
    return bool(((values >= low) & (values < high) & (values > -np.inf)).all())
