"""Made-up files of labelled texts, and the task that they make, for tests."""

from pathlib import Path

from effexplorer.tasks.own import OwnTask, keep_task
from effexplorer.tasks.prepare import Wishes, prepare
from effexplorer.tasks.table_file import read_table_file

NAMES = ("negative", "positive")


def lines(rows: int = 60, *, between: str = ",", classes: tuple[str, ...] = NAMES) -> str:
    """Return ``rows`` lines of a text and its class, all texts different."""
    words = ("awful", "great", "so so")
    return "".join(
        f"a {words[row % len(classes)]} phone of kind {row}{between}{classes[row % len(classes)]}\n"
        for row in range(rows)
    )


def table(folder: Path, name: str = "reviews.csv", text: str | bytes | None = None) -> Path:
    """Write a file called ``name`` into ``folder``: two classes in CSV unless ``text`` is given."""
    text = "text,label\n" + lines() if text is None else text
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def own_task(
    folder: Path, name: str = "phones", text: str | None = None, *, owner: str = "", **wishes
) -> OwnTask:
    """Add a task called ``name`` of a made-up table, which ``owner`` brought, and return it."""
    read = read_table_file(table(folder, text=text))
    prepared = prepare(name, read, None, Wishes(**wishes))
    splits = (prepared.train, prepared.validation)
    return keep_task(prepared.spec, *splits, [read.name], owner=owner)
