"""Export: a run's model into a folder, in one or several formats, with its card."""

from __future__ import annotations

import logging
import shutil
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from effexplorer.errors import UserError
from effexplorer.exports.source import Source, open_source
from effexplorer.records.schema import Record
from effexplorer.records.store import HERE, Run

_log = logging.getLogger(__name__)
FORMATS = ("hf", "onnx", "exits")


@dataclass(frozen=True)
class Plan:
    """What an export will write: the run with its model, the formats, and what they leave out."""

    source: Source
    formats: tuple[str, ...]
    standard: bool
    notes: tuple[str, ...]


def read_formats(text: str) -> tuple[str, ...]:
    """Return the formats that a list such as ``hf,onnx`` names; raises UserError for others."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names or ("",):
        if name not in FORMATS:
            raise UserError(
                f"format: must be one of {', '.join(FORMATS)}; got {name[:40] or 'nothing'}."
            )
    return names


def plan(source: Source, formats: Sequence[str], *, standard: bool = False) -> Plan:
    """Return what exporting ``source`` will do; raises UserError for a format that cannot hold it.

    ``standard`` keeps ONNX Runtime's own operators out of the ``onnx`` format.
    """
    from effexplorer.exports import segments, transformers_folder, whole_graph

    if standard and "onnx" not in formats:
        raise UserError(f"format: must have onnx for standard operators; got {', '.join(formats)}.")
    tell = {
        "hf": transformers_folder.left_out,
        "onnx": whole_graph.left_out,
        "exits": segments.left_out,
    }
    notes = tuple(sentence for form in formats for sentence in tell[form](source))
    return Plan(source, tuple(formats), standard, notes)


def export_record(record: Record, out: Path, formats: Sequence[str]) -> Path:
    """Export the model that ``record`` ends with into ``out``; see ``Record.export``."""
    made = plan(open_source(Run(record, HERE)), read_formats(",".join(formats)))
    for sentence in made.notes:
        _log.warning(sentence)
    write(made, out)
    return out


def write(plan: Plan, out: Path) -> None:
    """Write all of ``plan`` into the new folder ``out``, as a whole or not at all.

    One format stands in ``out`` itself, several each in a folder of its name. Raises UserError
    when ``out`` is there already or cannot be written.
    """
    if out.exists():
        raise UserError(f"out: must be a new folder; got {out}, which is there.")
    draft = out.parent / f".{uuid.uuid4().hex}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for form in plan.formats:
            _write(plan, form, draft if len(plan.formats) == 1 else draft / form)
        draft.rename(out)
    except OSError as error:
        raise UserError(
            f"out: must be a folder that can be written; got {out} ({error.strerror})."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_zip(folder: Path, path: Path) -> None:
    """Write all files of ``folder`` into the archive ``path``; weights are not squeezed further."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(entry for entry in folder.rglob("*") if entry.is_file()):
            whole = file.suffix in (".safetensors", ".onnx")
            how = zipfile.ZIP_STORED if whole else zipfile.ZIP_DEFLATED
            archive.write(file, file.relative_to(folder), how)


def _write(plan: Plan, form: str, folder: Path) -> None:
    from effexplorer.exports import segments, transformers_folder, whole_graph
    from effexplorer.exports.card import card
    from effexplorer.exports.metadata import write_results

    source = plan.source
    if form == "hf":
        transformers_folder.write(source, folder)
    elif form == "onnx":
        whole_graph.write(source, folder, standard=plan.standard)
    else:
        segments.write(source, folder)
    notes = [note for note in plan.notes if note.startswith(f"{form}:")]
    trust = bool(list(folder.glob("modeling_*.py")))
    text = card(source, form, notes, trust=trust, file=whole_graph.file_name(source))
    (folder / "README.md").write_text(text, "utf-8")
    write_results(source, folder)
