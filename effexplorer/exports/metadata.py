"""What the hub reads of an export: the card's head, and a file of evaluation results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from huggingface_hub import EvalResult, EvalResultEntry, ModelCardData, eval_result_entries_to_yaml

from effexplorer.errors import UserError
from effexplorer.exports.source import Source
from effexplorer.models.catalog import CATALOG, find_model
from effexplorer.pipeline import Pipeline
from effexplorer.tasks.glue import HUB_ID, REVISION
from effexplorer.tasks.spec import TASKS

# By task, GLUE's name of the data that it is measured on; sentiment's are those of SST-2.
GLUE_DATA = {name: name for name in TASKS if name != "reviews"} | {"sentiment": "sst2"}
_MIT = ("roberta-base",)
_LIBRARIES = {"hf": "transformers", "onnx": "transformers.js", "exits": "onnx"}


def licences(models: Sequence[str]) -> list[str]:
    """Return the licence of each model's weights as the hub writes it; ``other`` if unknown."""
    return [
        "other" if name not in CATALOG else "mit" if name in _MIT else "apache-2.0"
        for name in models
    ]


def metadata(source: Source, form: str) -> str:
    """Return the card's head in YAML, without the lines of dashes."""
    record, spec = source.record, source.spec
    models = Pipeline.from_dict(record.pipeline).models
    known = licences(models)
    results = [
        EvalResult(
            task_type="text-classification",
            dataset_type=HUB_ID if spec.name in GLUE_DATA else spec.name,
            dataset_name=spec.title.partition(":")[0],
            dataset_config=GLUE_DATA.get(spec.name),
            dataset_split=spec.validation,
            metric_type=name,
            metric_value=round(value, 2),
        )
        for name, value in record.final.metrics.items()
    ]
    data = ModelCardData(
        license=known[0] if len(set(known)) == 1 else "other",
        base_model=[name for name in map(hub_id, models) if name] or None,
        datasets=[HUB_ID] if spec.name in GLUE_DATA else None,
        library_name=_LIBRARIES[form],
        pipeline_tag="text-classification",
        tags=["effexplorer", "compression", *(["early-exit"] if form == "exits" else [])],
        model_name=f"{record.model} {spec.name} {record.letters}",
        eval_results=results,
    )
    return str(data.to_yaml())


def write_results(source: Source, folder: Path) -> None:
    """Write the file from which the hub draws scores, for data that the hub knows."""
    record, spec = source.record, source.spec
    name = GLUE_DATA.get(spec.name)
    if name is None:
        return
    entry = EvalResultEntry(
        dataset_id=HUB_ID,
        task_id=name,
        dataset_revision=REVISION,
        value=round(record.final.score, 2),
        date=record.created[:10],
        notes=f"{record.score_name} on {spec.validation}, by effexplorer, run {record.id}",
    )
    (folder / ".eval_results").mkdir()
    text = yaml.safe_dump(eval_result_entries_to_yaml([entry]), sort_keys=False)
    (folder / ".eval_results" / f"{name}.yaml").write_text(text, "utf-8")


def hub_id(model: str) -> str:
    """Return the hub's name of a model, "" for a folder, also for one that is gone."""
    try:
        return find_model(model).hub_id
    except UserError:
        return ""
