"""Makes the data of the task ``sentiment`` from published data, in ``EFFEXPLORER_GLUE_DIR``.

Training: all of SST-2's training split, and the phrases of product reviews and the sentences of
DynaSent round 1 in the file given (columns ``sentence`` and ``label``; both CC BY 4.0). Measured is
on SST-2's validation split, so a text that stands there is left out. Neither data set is shipped.
"""

from __future__ import annotations

import argparse
import html
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from effexplorer import home
from effexplorer.errors import UserError

COLUMNS = ("sentence", "label")


def rows(path: Path) -> list[tuple[str, int]]:
    """Return the texts and labels in a file; texts without entities, and without outer blanks."""
    table = pq.read_table(path, columns=list(COLUMNS)).to_pydict()
    texts = (" ".join(html.unescape(text).split()) for text in table["sentence"])
    return list(zip(texts, table["label"], strict=True))


def joined(
    parts: list[list[tuple[str, int]]], validation: list[tuple[str, int]]
) -> list[tuple[str, int]]:
    """Return the rows of ``parts`` one after another, without what ``validation`` asks."""
    asked = {text.lower() for text, _ in validation}
    return [row for part in parts for row in part if row[0] and row[0].lower() not in asked]


def write(path: Path, texts: list[tuple[str, int]]) -> None:
    """Write the rows as a table of the columns ``COLUMNS``."""
    columns = zip(COLUMNS, zip(*texts, strict=True), strict=True)
    pq.write_table(pa.table({name: list(values) for name, values in columns}), path)


def main() -> None:
    """Read SST-2 and the file, write both parts, and tell how many rows they have."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="everyday sentences, a parquet file")
    given = parser.parse_args()
    glue = home.named_folder("EFFEXPLORER_GLUE_DIR")
    if glue is None or not (glue / "sst2").is_dir():
        raise UserError("EFFEXPLORER_GLUE_DIR: must be a folder that holds sst2; got none.")
    folder, validation = glue / "sentiment", rows(glue / "sst2" / "validation.parquet")
    train = joined([rows(glue / "sst2" / "train.parquet"), rows(given.file)], validation)
    folder.mkdir(exist_ok=True)
    write(folder / "train.parquet", train)
    write(folder / "validation.parquet", validation)
    print(f"{folder.name}: {len(train):,} rows to train on, {len(validation):,} to measure on")


if __name__ == "__main__":
    main()
