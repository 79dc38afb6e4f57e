"""Parquet files through ``datasets``, in memory, with no cache left behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from effexplorer.errors import UserError

if TYPE_CHECKING:
    import datasets

Columns = dict[str, list[Any]]


def read_parquet(subject: str, path: Path) -> Columns:
    """Return the columns of a Parquet file; raises UserError about ``subject`` if there are none.

    Numbers of a ``ClassLabel`` stay numbers.
    """
    table = open_parquet(subject, path)
    return {name: table.data.column(name).to_pylist() for name in table.column_names}


def open_parquet(subject: str, path: Path) -> datasets.Dataset:
    """Return a Parquet file as a data set; raises UserError about ``subject`` if it is none."""
    import datasets

    with tempfile.TemporaryDirectory(prefix="effexplorer-") as scratch, no_progress_bar():
        try:
            return datasets.load_dataset(
                "parquet",
                data_files=str(path),
                split="train",
                cache_dir=scratch,
                keep_in_memory=True,
            )
        except (datasets.exceptions.DatasetsError, OSError, ValueError) as error:
            raise UserError(
                f"{subject}: {path.name} must be a parquet file with rows; "
                f"got one that cannot be read ({type(error).__name__})."
            ) from error


def write_parquet(columns: Columns, path: Path) -> None:
    """Write ``columns`` of equal length into a Parquet file."""
    import datasets

    with no_progress_bar():
        datasets.Dataset.from_dict(columns).to_parquet(str(path))


@contextmanager
def no_progress_bar() -> Iterator[None]:
    """Keep ``datasets`` from drawing bars, and put its setting back afterwards."""
    import datasets

    shown = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()
