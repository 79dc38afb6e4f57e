"""GLUE: the columns of a task's two splits, from a local folder or from the hub."""

from __future__ import annotations

from pathlib import Path

from effexplorer import home, hub
from effexplorer.errors import UserError
from effexplorer.tasks.parquet import Columns, read_parquet
from effexplorer.tasks.spec import TaskSpec

HUB_ID = "nyu-mll/glue"
REVISION = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"


def read_glue(spec: TaskSpec) -> tuple[Columns, Columns, str]:
    """Return the columns of the training and of the validation split, and their source in words.

    Raises UserError when there is neither a folder nor a hub, or a file is missing or unreadable.
    """
    files, source = _local(spec) or _from_hub(spec)
    train, validation = (read_parquet(spec.name, path) for path in files)
    return train, validation, source


def glue_available(spec: TaskSpec) -> str | None:
    """Return why the task's data cannot be had here, in one sentence, or None; reads no file."""
    try:
        return None if _local(spec) or _can_download(spec) else _unreachable(spec)
    except UserError as error:
        return str(error)


def glue_files(spec: TaskSpec) -> list[Path]:
    """Return the files on this machine that the task is read from; empty where there are none."""
    there = _local(spec)
    return list(there[0]) if there else []


def _local(spec: TaskSpec) -> tuple[tuple[Path, Path], str] | None:
    chosen = home.named_folder("EFFEXPLORER_GLUE_DIR")
    folder = chosen / spec.name if chosen else None
    if folder and folder.is_dir():
        files = (folder / "train.parquet", folder / f"{spec.validation}.parquet")
        for path in files:
            if not path.is_file():
                raise UserError(
                    f"{spec.name}: EFFEXPLORER_GLUE_DIR/{spec.name} must hold "
                    f"{' and '.join(file.name for file in files)}; got no {path.name}."
                )
        return files, "folder given by EFFEXPLORER_GLUE_DIR"
    if not spec.on_hub:
        return None
    names = _hub_names(spec)
    folder = hub.cached(HUB_ID, REVISION, names, lambda path: _holds(path, names), kind="dataset")
    return ((folder / names[0], folder / names[1]), _hub_source()) if folder else None


def _from_hub(spec: TaskSpec) -> tuple[tuple[Path, Path], str]:
    if not _can_download(spec):
        raise UserError(_unreachable(spec))
    names = _hub_names(spec)
    folder = hub.download(HUB_ID, REVISION, names, kind="dataset")
    if not _holds(folder, names):
        raise UserError(
            f"{spec.name}: {HUB_ID} must hold {' and '.join(names)}; got a copy without them."
        )
    return (folder / names[0], folder / names[1]), _hub_source()


def _hub_names(spec: TaskSpec) -> tuple[str, str]:
    return (
        f"{spec.name}/train-00000-of-00001.parquet",
        f"{spec.name}/{spec.validation}-00000-of-00001.parquet",
    )


def _holds(folder: Path, names: tuple[str, ...]) -> bool:
    return all((folder / name).is_file() for name in names)


def _hub_source() -> str:
    return f"hub {HUB_ID} @ {REVISION}"


def _can_download(spec: TaskSpec) -> bool:
    return spec.on_hub and hub.reachable()


def _unreachable(spec: TaskSpec) -> str:
    if not spec.on_hub:
        return (
            f"{spec.name}: train.parquet and {spec.validation}.parquet must be in "
            f"EFFEXPLORER_GLUE_DIR/{spec.name}; got no such folder. It is made of published data "
            f"by python -m benchmarks.{spec.name}_data."
        )
    return (
        f"{spec.name}: data must be on this machine or on a hub that answers; got {hub.refusal()}. "
        f"To mend it, put train.parquet and {spec.validation}.parquet into "
        f"EFFEXPLORER_GLUE_DIR/{spec.name}, or use a machine that reaches the hub."
    )
