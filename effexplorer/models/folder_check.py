"""The files of a checkpoint's folder, looked at without loading them: what could never be read.

Quick enough for a list of models, and without torch or transformers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from effexplorer import bounded_file, limits
from effexplorer.models.config_check import config_problem

_POINTER = b"version https://git-lfs"
_INDEX = ".index.json"


def folder_problem(folder: Path, weights: list[Path], tokenizer: list[Path]) -> str | None:
    """Return why the checkpoint in ``folder`` cannot be used, in one sentence, or None."""
    try:
        config = _json(folder / "config.json")
        if problem := config_problem(config):
            return problem
        for path in (*weights, *tokenizer):
            _check_head(path)
        for path in weights:
            if path.suffix == ".safetensors":
                _check_safetensors(path)
        return _tokenizer_problem(folder, config)
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        return f"model: must be a whole checkpoint of transformers; got {str(reason)[:160]}."


def told_kind(folder: Path) -> str:
    """Return the kind of tokenizer that tokenizer.json tells, "" where there is none.

    Raises OSError and ValueError for a file that cannot be read.
    """
    path = folder / "tokenizer.json"
    model = _json(path).get("model") if path.is_file() else None
    return str(model.get("type") or "") if isinstance(model, dict) else ""


def _tokenizer_problem(folder: Path, config: dict[str, Any]) -> str | None:
    settings = folder / "tokenizer_config.json"
    configured = _json(settings) if settings.is_file() else {}
    if configured.get("pad_token", "[PAD]") is None:
        return "model: its tokenizer must have a padding token; got none in tokenizer_config.json."
    rows, last = config.get("vocab_size"), _last_token(folder)
    if isinstance(rows, int) and last is not None and last >= rows:
        return (
            f"model: every token must have a row of the embedding; got tokens up to {last} "
            f"and {rows} rows."
        )
    return None


def _last_token(folder: Path) -> int | None:
    """Return the largest id of a token, where the files tell it."""
    whole = folder / "tokenizer.json"
    if whole.is_file():
        plain = _json(whole)
        model = plain.get("model")
        if not isinstance(model, dict) or "vocab" not in model:
            raise ValueError("a tokenizer.json without a vocabulary")
        vocabulary = model["vocab"]
        ids = list(vocabulary.values()) if isinstance(vocabulary, dict) else [len(vocabulary) - 1]
        ids += [token["id"] for token in plain.get("added_tokens") or () if isinstance(token, dict)]
        return max((id for id in ids if isinstance(id, int)), default=None)
    if (folder / "vocab.json").is_file() and not (folder / "merges.txt").is_file():
        raise ValueError("a vocab.json without merges.txt")
    if (folder / "vocab.txt").is_file():
        text = bounded_file.read_text(folder / "vocab.txt", limits.MAX_TOKENIZER_BYTES)
        return len(text.rstrip("\n").split("\n")) - 1
    return None


def _check_head(path: Path) -> None:
    """Refuse what is no regular file, and the pointer that Git LFS leaves in place of a file."""
    with bounded_file.open_regular(path, limits.MAX_CHECKPOINT_BYTES) as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise ValueError(f"a Git LFS pointer in place of {path.name} (git lfs pull fetches it)")


def _check_safetensors(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
        if size < 8 or header > min(size - 8, limits.MAX_CONFIG_BYTES):
            raise ValueError(f"a damaged {path.name}")
        plain = json.loads(file.read(header))
    ends = [
        entry.get("data_offsets", [0, 0])[1] for name, entry in plain.items() if name[:2] != "__"
    ]
    if max(ends, default=0) != size - 8 - header:
        raise ValueError(f"a {path.name} that is cut short")


def _json(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(bounded_file.read_text(path, limits.MAX_TOKENIZER_BYTES))
    except json.JSONDecodeError as error:
        raise ValueError(f"a {path.name} that is no JSON") from error
    if not isinstance(plain, dict):
        raise ValueError(f"a {path.name} that holds no object")
    return plain
