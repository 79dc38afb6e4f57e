"""Hub models: any repository of the Hugging Face hub as a model, named hub:org/name@revision."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

from effexplorer import hub, limits
from effexplorer.errors import UserError
from effexplorer.models.spec import ModelSpec, described

PREFIXES = ("hub:", "hub-bin:")
_NAME = re.compile(r"(hub|hub-bin):([\w.-]+/[\w.-]+)(?:@([\w.-]+))?", re.ASCII)
_NEWEST = "main"


def hub_model(name: str) -> ModelSpec:
    """Return the model that ``name``, ``hub:org/name@revision``, stands for.

    Without a revision it is the newest. ``hub-bin:`` takes ``pytorch_model.bin`` too, where there
    are no safetensors. Of the repository, config.json alone is downloaded, if the hub's cache lacks
    it. Raises UserError when that cannot be had, or does not tell a model that can be read.
    """
    match = _NAME.fullmatch(name)
    if not match or not hub.is_name(match[2]):
        raise UserError(f"model: a hub's must read like hub:org/name@revision; got {name[:60]}.")
    kind, repository, revision = match[1], match[2], match[3] or _NEWEST
    path = hub.cached_file(repository, revision, "config.json")
    try:
        plain = json.loads((path or _fetched(name, repository, revision)).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{name}: config.json must be JSON; got another file.") from error
    return described(
        name,
        f"{repository} (hub)",
        plain,
        hub_id=repository,
        revision=revision,
        old_weights=kind == "hub-bin",
    )


def check_download(name: str, sizes: dict[str, int], patterns: tuple[str, ...]) -> None:
    """Raise UserError when the files of ``sizes`` that ``patterns`` name are too large together."""
    total = sum(
        size for file, size in sizes.items() if any(fnmatch(file, pattern) for pattern in patterns)
    )
    if total > limits.MAX_CHECKPOINT_BYTES:
        raise UserError(
            f"{name}: its files must have at most {limits.MAX_CHECKPOINT_BYTES:,} bytes together; "
            f"the hub lists {total:,}."
        )


def _fetched(name: str, repository: str, revision: str) -> Path:
    if not hub.reachable():
        raise UserError(f"{name}: must be in the hub's cache; got {hub.refusal()}.")
    size = hub.sizes(repository, revision).get("config.json")
    if size is None or size > limits.MAX_RECORD_BYTES:
        got = "none" if size is None else f"one of {size:,} bytes"
        raise UserError(f"{name}: the repository must hold a config.json; got {got}.")
    return hub.download(repository, revision, ("config.json",)) / "config.json"
