"""The files from which a browser computes a multi-exit model: graphs, tokenizer and manifest.

``manifest.json`` names the others with their SHA-256, so that a browser may keep them for ever.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from effexplorer import home
from effexplorer.inference.saved_models import SavedModel
from effexplorer.libraries import load_libraries
from effexplorer.tasks.registry import find_task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MANIFEST, EXAMPLES = "manifest.json", "examples.json"
_FORMAT = 1  # raised when the files change for the same model


class FileEntry(TypedDict):
    """A file beside the manifest; ``sha256`` identifies its content, ``bytes`` its length."""

    name: str
    sha256: str
    bytes: int


class Frame(TypedDict):
    """The special tokens around a task's texts: before the first, between, and after the last.

    ``ids`` and ``types`` have one list for each of these places; ``text_types`` one token type for
    each text.
    """

    ids: list[list[int]]
    types: list[list[int]]
    text_types: list[int]


class Manifest(TypedDict):
    """What the browser needs to know of a model.

    ``macs`` has one row per number of word pieces, from 1 to ``max_length``, and in it the
    multiply-accumulates up to each exit.
    """

    name: str
    task: str
    columns: list[str]
    pooling: str
    pad: int
    unknown: int
    max_length: int
    frame: Frame
    temperatures: list[float]
    macs: list[list[int]]
    tokenizer: FileEntry
    parts: list[FileEntry]


def browser_files(saved: SavedModel, examples: Sequence[tuple[str, ...]] = ()) -> Path:
    """Return the folder of the browser's files for a saved multi-exit model.

    They are made once for each content of the model and kept in the user's data folder; a process
    that is interrupted leaves none behind half-written. Raises UserError when the model is damaged.
    """
    folder = home.web_folder() / f"{saved.name}-{_identity(saved.folder, examples)}"
    if (folder / MANIFEST).is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as scratch:
        draft = Path(scratch) / "files"
        write_browser_files(saved, draft, examples)
        if not (folder / MANIFEST).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
    return folder


def write_browser_files(
    saved: SavedModel, target: Path, examples: Sequence[tuple[str, ...]] = ()
) -> Manifest:
    """Write the browser's files for a saved multi-exit model into the new folder ``target``.

    ``examples.json`` holds what every exit says of the ``examples``, each a text or a pair.
    """
    load_libraries()
    from effexplorer.costs import macs
    from effexplorer.inference.graph import part
    from effexplorer.inference.model import ExitModel, longest, open_saved
    from effexplorer.inference.service import every_exit
    from effexplorer.models.convert import finished

    saved_model, tokenizer = open_saved(saved)
    model, spec = finished(saved_model), find_task(saved.task)
    config, max_length = model.config, longest(spec, tokenizer, saved_model.config)
    target.mkdir(parents=True)
    parts = [
        _write(target / f"exit-{exit}.onnx", part(model, exit))
        for exit in range(len(config.exit_layers))
    ]
    manifest = Manifest(
        name=saved.name,
        task=spec.name,
        columns=list(spec.text),
        pooling="mean" if config.has_means else config.pooling,
        pad=tokenizer.pad_token_id,
        unknown=tokenizer.unk_token_id,
        max_length=max_length,
        frame=frame(tokenizer, len(spec.text)),
        temperatures=config.temperatures or [1.0] * len(config.exit_layers),
        macs=[
            [round(count) for count in macs(config, config.num_labels, tokens)]
            for tokens in range(1, max_length + 1)
        ],
        tokenizer=_write(target / "tokenizer.json", (saved.folder / "tokenizer.json").read_bytes()),
        parts=parts,
    )
    answers = ExitModel(saved_model, tokenizer, spec)
    stored = [
        {"texts": texts, "row": every_exit(answers, texts if len(texts) > 1 else texts[0])}
        for texts in examples
    ]
    (target / EXAMPLES).write_text(json.dumps(stored), encoding="utf-8")
    (target / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return manifest


def frame(tokenizer: PreTrainedTokenizerBase, texts: int) -> Frame:
    """Return the special tokens that the tokenizer puts around ``texts`` texts (1 or 2)."""
    coded = tokenizer(*["a"] * texts).encodings[0]
    ids: list[list[int]] = [[]]
    types: list[list[int]] = [[]]
    text_types: list[int] = []
    for token, kind, text in zip(coded.ids, coded.type_ids, coded.sequence_ids, strict=True):
        if text is None:
            ids[-1].append(token)
            types[-1].append(kind)
        elif text == len(text_types):  # the first token of this text
            text_types.append(kind)
            ids.append([])
            types.append([])
    return Frame(ids=ids, types=types, text_types=text_types)


def _write(path: Path, content: bytes) -> FileEntry:
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return FileEntry(name=path.name, sha256=digest, bytes=len(content))


def _identity(source: Path, examples: Sequence[tuple[str, ...]]) -> str:
    """Return 16 hex digits that change with the model's weights, config, tokenizer or examples."""
    digest = hashlib.sha256(str(_FORMAT).encode("ascii"))
    digest.update(json.dumps(list(examples)).encode("utf-8"))
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        digest.update((source / name).read_bytes())
    return digest.hexdigest()[:16]
