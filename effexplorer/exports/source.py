"""What is exported: a finished run, and the model that it ends with, if that is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from effexplorer.errors import UserError, shown
from effexplorer.exits.table import ExitTable, read_table
from effexplorer.inference.saved_models import saved_models, shipped_model, stage_folder
from effexplorer.libraries import load_libraries
from effexplorer.records.reproduce import command
from effexplorer.records.schema import Record
from effexplorer.records.store import HERE, Run, open_store
from effexplorer.runner.stage_cache import EXIT_TABLE_FILE
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.spec import TaskSpec

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from effexplorer.models.slimbert import SlimBertForSequenceClassification


@dataclass(frozen=True)
class Source:
    """A run with its model, tokenizer and task; ``max_length`` is in word pieces.

    The model is in the form in which it was measured; ``table`` is its exit table, if it has exits.
    """

    record: Record
    spec: TaskSpec
    model: SlimBertForSequenceClassification
    tokenizer: PreTrainedTokenizerBase
    max_length: int
    table: ExitTable | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the classes' names, or the one name of a regression's number."""
        return self.spec.labels or ("score",)


def find_run(name: str) -> Run:
    """Return the run with this id, or that of the shipped model with this name.

    Raises UserError when there is none.
    """
    runs = open_store().runs()
    ids = {name, *(model.run for model in saved_models() if model.name == name)}
    matching = [run for run in runs if run.record.id in ids]
    if not matching:
        raise UserError(f"run: must be the id of a finished run; got {shown(name)}.")
    return matching[-1]


def model_folder(run: Run) -> Path:
    """Return the folder of the model that ``run`` ends with.

    Raises UserError, which names the command that makes it again, when it is not kept here.
    """
    shipped = shipped_model(run.record.id)
    folder = shipped.folder if shipped else stage_folder(run.record)
    if folder is None:
        elsewhere = " --out again" if run.source == HERE else ""
        raise UserError(
            f"{run.record.id}: its model must be at hand; got a record alone, since the cache of "
            f"stages does not have it. Make it again with: {command(run.record)}{elsewhere}"
        )
    return folder


def open_source(run: Run) -> Source:
    """Return ``run`` with its model; raises UserError when that is not kept here or damaged."""
    load_libraries()
    from transformers import AutoTokenizer

    from effexplorer.inference.model import longest
    from effexplorer.models.convert import finished
    from effexplorer.models.slimbert import SlimBertForSequenceClassification

    folder, spec = model_folder(run), find_task(run.record.task)
    try:
        model = SlimBertForSequenceClassification.from_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(f"{run.record.id}: must have a whole model; {reason}.") from error
    length = longest(spec, tokenizer, model.config)
    path = folder / EXIT_TABLE_FILE
    table = read_table(path) if path.is_file() else None
    return Source(run.record, spec, finished(model).eval(), tokenizer, length, table)
