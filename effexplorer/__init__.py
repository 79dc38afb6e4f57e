"""effexplorer: see what compressing a text classifier costs and gains.

The public names below load on first use, so that ``import effexplorer`` stays quick and the app
opens without torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Pipeline": "effexplorer.pipeline",
    "Record": "effexplorer.records.schema",
    "Store": "effexplorer.records.store",
    "UserError": "effexplorer.errors",
    "compress": "effexplorer.runner.compress",
    "load_exits": "effexplorer.inference.model",
    "open_store": "effexplorer.records.store",
    "parse_steps": "effexplorer.pipeline",
    "run": "effexplorer.runner",
}

__all__ = [
    "Pipeline",
    "Record",
    "Store",
    "UserError",
    "__version__",
    "compress",
    "load_exits",
    "open_store",
    "parse_steps",
    "run",
]


def __getattr__(name: str) -> Any:
    """Return the public name from the module in which it stands."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
