"""Writes the files that each panel's script is made of, and the types of what it is sent, as JSON.

The types are TypeScript interfaces, made of the typed dictionaries in ``ui/*/messages.py``.
"""

import importlib
import json
import sys
import types
import typing
from collections.abc import Iterator

from effexplorer.ui import page  # noqa: F401  # it imports every panel
from effexplorer.ui.shared.panel import UI, Panel

_NAMES = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def interfaces() -> Iterator[str]:
    """Yield an interface for each typed dictionary that a panel is sent."""
    for path in sorted(UI.glob("*/messages.py")):
        module = importlib.import_module(f"effexplorer.ui.{path.parent.name}.messages")
        for name, kind in vars(module).items():
            if typing.is_typeddict(kind) and kind.__module__ == module.__name__:
                hints = typing.get_type_hints(kind, include_extras=True)
                fields = "; ".join(
                    f"{key}{_mark(hint)}: {_kind(hint)}" for key, hint in hints.items()
                )
                yield f"interface {name} {{ {fields} }}"


def _mark(hint: object) -> str:
    return "?" if typing.get_origin(hint) is typing.NotRequired else ""


def _kind(hint: typing.Any) -> str:
    """Return what a type of JSON values is called in TypeScript."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.NotRequired:
        return _kind(parts[0])
    if origin is types.UnionType:
        return " | ".join(map(_kind, parts))
    if origin is list:
        return f"({_kind(parts[0])})[]"
    if origin is tuple:
        return f"[{', '.join(map(_kind, parts))}]"
    if origin is dict and parts[1] is not typing.Any:
        return f"Record<string, {_kind(parts[1])}>"
    if typing.is_typeddict(hint):
        return str(hint.__name__)
    return _NAMES.get(hint, "any")


if __name__ == "__main__":
    panels = {
        panel.__name__: [str(path) for path in panel.script_files()]
        for panel in Panel.__subclasses__()
    }
    json.dump({"panels": panels, "types": "\n".join(interfaces())}, sys.stdout)
