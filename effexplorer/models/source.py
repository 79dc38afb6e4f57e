"""Where a model's weights come from: a local folder, an installed package, or the hub."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from effexplorer import bounded_file, hub, limits
from effexplorer.errors import UserError
from effexplorer.models.catalog import CATALOG, folder_names, local_models_folder
from effexplorer.models.config_check import config_problem
from effexplorer.models.folder_check import folder_problem, told_kind
from effexplorer.models.hub_models import check_download
from effexplorer.models.spec import ModelSpec
from effexplorer.models.unpack import pieces, unpack, unpacked_folder
from effexplorer.models.weight_files import INDEX, OLD, SAFE, has_weights, weight_files

_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json")
_DESCRIPTION = (
    "config.json",
    "tokenizer*.json",
    "vocab.*",
    "merges.txt",
    "special_tokens_map.json",
)
_SAFE = (*_DESCRIPTION, SAFE, SAFE + INDEX, "model-*.safetensors")
_OLD = (*_DESCRIPTION, OLD, OLD + INDEX, "pytorch_model-*.bin")


@dataclass(frozen=True)
class Located:
    """A model's folder, where it came from in words, and the hashes of its files.

    ``sha256`` is that of the weight file, or of all shards' hashes and names; ``tokenizer`` and
    ``config`` are the first 16 digits of those of the tokenizer's files and of config.json, which
    change what a model answers just as well.
    """

    folder: Path
    source: str
    sha256: str
    tokenizer: str
    config: str

    def hashes(self) -> dict[str, str]:
        """Return the hashes by name, as a record has them."""
        return {"sha256": self.sha256, "tokenizer": self.tokenizer, "config": self.config}


def locate(spec: ModelSpec) -> Located:
    """Return the folder that holds the config, tokenizer and weights of ``spec``.

    Looks in a local folder, then in an installed package, then in the hub's cache, and asks the
    hub last. Raises UserError when there is none, or the file's hash is not the catalog's.
    """
    return _located(spec, *(_on_this_machine(spec) or _from_hub(spec)))


def located_here(spec: ModelSpec) -> Located | None:
    """Return what ``locate`` does where that asks no hub, else None; raises the same."""
    there = _on_this_machine(spec)
    return _located(spec, *there) if there else None


def _located(spec: ModelSpec, folder: Path, source: str) -> Located:
    problem = _problem(folder)
    if problem:
        raise UserError(problem)
    first, *shards = weight_files(folder)
    size = sum(path.stat().st_size for path in (first, *shards))
    if size > limits.MAX_CHECKPOINT_BYTES:
        raise UserError(
            f"{spec.name}: {first.name} must have at most {limits.MAX_CHECKPOINT_BYTES} bytes; "
            f"got {size} in {source}."
        )
    digest = _digest([first, *shards]) if shards else _sha256(first)
    if spec.sha256 and (digest != spec.sha256 or first.name != SAFE):
        raise UserError(
            f"{spec.name}: {SAFE} must have the sha256 {spec.sha256[:12]}...; "
            f"got {digest[:12]}... for {first.name} in {source}."
        )
    config, tokenizer = folder / "config.json", _description(folder)
    tokenizer.remove(config)
    return Located(folder, source, digest, _digest(tokenizer)[:16], _digest([config])[:16])


def files(located: Located) -> list[Path]:
    """Return the files that make the model: its config, its tokenizer's files and its weights."""
    return [*_description(located.folder), *weight_files(located.folder)]


def available(spec: ModelSpec) -> str | None:
    """Return why the model of ``spec`` cannot be had or read here, in one sentence, or None.

    Cheap: no file is hashed or downloaded.
    """
    try:
        there = _on_this_machine(spec, look_only=True)
        if there:
            folder = there[0]
            if not folder.is_dir():  # it stands in a package, and is not unpacked yet
                return None
            return _problem(folder) or folder_problem(
                folder, weight_files(folder), _description(folder)
            )
    except UserError as error:
        return str(error)
    return None if hub.reachable() else _unreachable(spec)


def tokenizer_kind(spec: ModelSpec) -> str:
    """Return the kind of the model's tokenizer, "" where no file on this machine tells it.

    It is what the tokenizers library calls it: WordPiece, BPE, Unigram or WordLevel.
    """
    try:
        there = _on_this_machine(spec, look_only=True)
        return told_kind(there[0]) if there else ""
    except (UserError, OSError, ValueError, RecursionError):
        return ""


def _problem(folder: Path) -> str | None:
    """Return why the files in ``folder`` are no model that can be read, as far as is cheap."""
    try:
        plain = json.loads(bounded_file.read_text(folder / "config.json", limits.MAX_CONFIG_BYTES))
        weight_files(folder)
    except UserError as error:
        return str(error)
    except (OSError, ValueError, RecursionError):
        return f"model: config.json must be JSON; got another file in {folder.name}."
    return config_problem(plain)


def _on_this_machine(spec: ModelSpec, *, look_only: bool = False) -> tuple[Path, str] | None:
    """Return the model's folder and source, or None; with ``look_only`` nothing is unpacked."""
    if spec.folder:
        return _checked(spec, Path(spec.folder))
    models = local_models_folder()
    places = [models / name for name in folder_names(spec)] if models else []
    for place in places:
        if place.is_dir():
            return _checked(spec, place)
    package = importlib.util.find_spec(spec.package) if spec.package else None
    for root in (package.submodule_search_locations or ()) if package else ():
        if _is_whole(Path(root) / spec.package_folder):
            return Path(root) / spec.package_folder, f"installed package {_distribution(spec)}"
    if spec.archive and (unpacked_folder(spec).is_dir() or pieces(spec.archive)):
        folder = unpacked_folder(spec) if look_only else _unpacked(spec)
        first, *more = (name for name, _ in spec.archive.files)
        return folder, f"installed package {first}" + f" and {len(more)} more" * bool(more)
    for id in spec.hub_ids:
        for patterns in (_SAFE, _OLD) if spec.old_weights else (_SAFE,):
            cached = hub.cached(id, spec.revision, patterns, _has_all)
            if cached and (spec.old_weights or not weight_files(cached)[0].name.startswith(OLD)):
                return cached, f"hub {id} @ {cached.name}"
    return None


def _unpacked(spec: ModelSpec) -> Path:
    name = spec.packed.tokenizer
    return unpack(spec, locate(CATALOG[name]).folder if name else None)


def _from_hub(spec: ModelSpec) -> tuple[Path, str]:
    if not hub.reachable():
        raise UserError(_unreachable(spec))
    sizes = hub.sizes(spec.hub_id, spec.revision)
    patterns = _SAFE if {SAFE, SAFE + INDEX} & sizes.keys() else _OLD
    if patterns is _OLD and not spec.old_weights and {OLD, OLD + INDEX} & sizes.keys():
        raise UserError(
            f"{spec.name}: the repository must hold {SAFE}; got {OLD}, an older format. "
            f"hub-bin:{spec.name.removeprefix('hub:')} reads it, without running what is in it."
        )
    check_download(spec.name, sizes, patterns)
    folder = hub.download(spec.hub_id, spec.revision, patterns)
    if not _is_whole(folder):
        raise UserError(
            f"{spec.name}: {spec.hub_id} must hold a config.json, a tokenizer and weights; "
            f"got only {_listing(folder)}."
        )
    return folder, f"hub {spec.hub_id} @ {folder.name}"


def _checked(spec: ModelSpec, folder: Path) -> tuple[Path, str]:
    if not _is_whole(folder):
        raise UserError(
            f"{spec.name}: the folder {folder.name} must hold config.json, a tokenizer "
            f"({', '.join(_TOKENIZERS)}) and {SAFE} or {OLD}; got {_listing(folder)}."
        )
    return folder, f"folder {folder.name}"


def _is_whole(folder: Path) -> bool:
    tokenizer = any((folder / name).is_file() for name in _TOKENIZERS)
    return (folder / "config.json").is_file() and tokenizer and has_weights(folder)


def _has_all(folder: Path) -> bool:
    """Tell whether a folder of the hub's cache, which may hold a part, has every shard."""
    try:
        return _is_whole(folder) and bool(weight_files(folder))
    except UserError:
        return False


def _listing(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "") or "nothing"


def _distribution(spec: ModelSpec) -> str:
    return spec.package.replace("_", "-")


def _unreachable(spec: ModelSpec) -> str:
    install = f"install {_distribution(spec)}, " if spec.package else ""
    if spec.archive:
        install = f"run {spec.archive.command}, "
    return (
        f"{spec.name}: weights must be on this machine or on a hub that answers; got "
        f"{hub.refusal()}. To mend it, {install}put the model's files into "
        f"EFFEXPLORER_MODEL_DIR/{spec.name}, or use a machine that reaches the hub."
    )


def _description(folder: Path) -> list[Path]:
    """Return config.json and the tokenizer's files."""
    return sorted({path for name in _DESCRIPTION for path in folder.glob(name)})


def _digest(paths: list[Path]) -> str:
    """Return the hash of the files' names and contents."""
    text = " ".join(f"{path.name} {_sha256(path)}" for path in paths)
    return hashlib.sha256(text.encode()).hexdigest()


_hashes: dict[tuple[Path, int, int, int], str] = {}


def _sha256(path: Path) -> str:
    """Return the file's hash; the same path, file, time and size are read once."""
    status = path.stat()
    key = (path, status.st_ino, status.st_mtime_ns, status.st_size)
    if key not in _hashes:
        with path.open("rb") as file:
            _hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _hashes[key]
