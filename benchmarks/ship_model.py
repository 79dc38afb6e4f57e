"""Ships a run's multi-exit model under a name.

Takes the model of a finished run from the stage cache, and writes weights, tokenizer, exit table
and model card into ``precomputed/models/NAME``. Says what it wrote, and refuses what is too large.
"""

import argparse
import shutil
from pathlib import Path

from transformers import AutoTokenizer

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.inference.saved_models import cached_model, models_folder
from effexplorer.models.catalog import find_model
from effexplorer.models.checkpoint import WEIGHTS
from effexplorer.models.convert import finished
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import read_record
from effexplorer.records.schema import EXIT_TABLE_SUFFIX, Record
from effexplorer.runner.stage_cache import EXIT_TABLE_FILE
from effexplorer.tasks.registry import find_task

MOST_BYTES, MOST_BYTES_IN_ALL = 12 * 10**6, 40 * 10**6

CARD = """---
license: apache-2.0
base_model: {base}
language: en
datasets: [{data}]
pipeline_tag: text-classification
---
# {name}: {title}

A multi-exit classifier of {layers} layers that effexplorer made and measured (run `{id}`).

**Data.** {source}: {train:,} training and {held_out:,} held-out examples, measured on
{validation:,} validation examples. Data fingerprint `{fingerprint}`.

**Recipe.** `{start}`, fine-tuned, then `{steps}`; seed {seed}. Made again by

    python -m effexplorer run --model {model} --task {task} --seed {seed}{options} \\
      --steps "{steps}"

**Licence of the weights.** Derived from {derived}, and Apache-2.0 like it.

**Costs.** {parameters:,} parameters, {bytes:,} bytes, {macs:,} multiply-accumulates for a sentence
of mean length at full depth.

**Scores** ({score} in percent on the validation split; compute for a sentence of mean length):

| exit after layer | {score} | MACs | temperature |
|---|---|---|---|
{exits}

At the threshold {threshold:.3f}, chosen on held-out training data to keep 99 % of the full-depth
score: {operating_score:.1f} % with {operating_layers:.2f} layers and {operating_macs:,.0f} MACs on
average. {limits}
"""

DATA = {"sentiment": "nyu-mll/glue, dynabench/dynasent"}  # others: GLUE alone
LIMITS = {
    "sentiment": "Trained on SST-2's phrases of film reviews, on phrases of product reviews (pros "
    "and cons, CC BY 4.0) and on sentences of DynaSent round 1 (CC BY 4.0). It is weak where "
    "praise is roundabout: 'I would not say that this phone is bad.' is negative to it. What it "
    "says of people, names or places means nothing.",
    "sst2": "Trained on phrases of film reviews in English: on other text it is a toy, and what it "
    "says of people, names or places means nothing.",
}


def main() -> None:
    """Read the arguments, write the folder and print its size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", help="the name under which the model is asked")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--task", required=True)
    parser.add_argument("--steps", required=True)
    parser.add_argument("--epochs", type=float, help="of the dense model; default: the task's")
    parser.add_argument("--runs", type=Path, default=home.runs_folder(), help="the records' folder")
    given = parser.parse_args()
    steps = parse_steps(given.steps)
    key = Pipeline(given.model, given.task, steps, epochs=given.epochs).key
    record = read_record(given.runs / f"{key}.json")
    folder = models_folder() / given.name
    ship(record, given.runs, folder)
    sizes = {path.parent.name: path.stat().st_size for path in models_folder().glob(f"*/{WEIGHTS}")}
    print(f"{folder}: {sizes[given.name]:,} bytes; all models: {sum(sizes.values()):,} bytes")
    if sizes[given.name] > MOST_BYTES or sum(sizes.values()) > MOST_BYTES_IN_ALL:
        shutil.rmtree(folder)
        raise UserError(f"{given.name}: weights must be at most {MOST_BYTES:,} bytes; removed.")


def ship(record: Record, runs: Path, folder: Path) -> None:
    """Write the model that ``record`` ends with, its tokenizer, table and card into ``folder``."""
    kept = cached_model(record)
    if kept is None:
        raise UserError(
            f"model: must be in the stage cache; got that of {record.id}, which is not."
        )
    model = finished(SlimBertForSequenceClassification.from_pretrained(kept.folder))
    model.config.task, model.config.run = record.task, record.id
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(kept.folder).save_pretrained(folder)
    shutil.copy(runs / f"{record.id}{EXIT_TABLE_SUFFIX}", folder / EXIT_TABLE_FILE)
    (folder / "README.md").write_text(card(record, folder.name), "utf-8")


def card(record: Record, name: str) -> str:
    """Return the model card of the model that ``record`` ends with."""
    last, data, pipeline = record.final, record.data, record.pipeline
    start, *students = [find_model(model).hub_id for model in Pipeline.from_dict(pipeline).models]
    own = [start, *students][-1]  # whose weights these were
    derived = f"`{own}` (Apache-2.0)"
    if students:
        derived += f", taught by `{start}` (Apache-2.0) fine-tuned"
    options = [
        f" --{field.replace('_', '-')} {pipeline[field]}"
        for field in ("train_examples", "epochs")
        if pipeline[field] is not None
    ]
    rows = [f"| {e.layer} | {e.score:.1f} | {e.macs:,} | {e.temperature:.2f} |" for e in last.exits]
    return (
        CARD.format(
            name=name,
            title=find_task(record.task).title,
            base=own,
            start=start,
            derived=derived,
            data=DATA.get(record.task, "nyu-mll/glue"),
            layers=last.layers,
            id=record.id,
            source=data["source"],
            train=data["train_examples"],
            held_out=data["held_out_examples"],
            validation=data["validation_examples"],
            fingerprint=data["fingerprint"],
            model=record.model,
            task=record.task,
            steps=record.steps,
            seed=record.seed,
            options="".join(options),
            parameters=last.parameters,
            bytes=last.bytes,
            macs=last.macs,
            score=record.score_name,
            exits="\n".join(rows),
            threshold=last.operating.get("threshold", float("nan")),
            operating_score=last.operating["score"],
            operating_layers=last.operating["layers"],
            operating_macs=last.operating["macs"],
            limits=LIMITS.get(record.task, ""),
        ).rstrip()
        + "\n"
    )


if __name__ == "__main__":
    main()
