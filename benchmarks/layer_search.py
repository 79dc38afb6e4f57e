"""The short search for layers to drop against the published one: training rows, accuracy.

Both take layers out of MiniLM for SST-2, decide on the same rows held out of training, and are
scored on the validation split. The peer is greedy layer pruning (Peer et al. 2022, arXiv
2105.14839): every candidate restarts from the pre-trained weights and is fine-tuned wholly; its
final model is the best of them. Ours is the operator ``drop`` with its defaults: it starts from the
dense fine-tuned model, trains candidates a little, and then fine-tunes what it chose for as many
epochs. Counted are search and final fine-tuning; the dense model is stage 0 of every run here.
Wanted: a quarter of the training rows at most, accuracy at most half a point below.
What is done is kept in the folder --work, and an interrupted run goes on from there. Needs
EFFEXPLORER_GLUE_DIR or a hub that answers; about 25 minutes on one core of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.timing import Claim, options_of, show
from effexplorer.errors import UserError


class Kept:
    """Results in a JSON file, which is written as soon as there is a new one."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.results = json.loads(file.read_text("utf-8")) if file.is_file() else {}

    def get(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the result called ``name``; ``make`` makes it where there is none."""
        if name not in self.results:
            self.results[name] = make()
            print(f"{name}: {json.dumps(self.results[name])}", file=sys.stderr, flush=True)
            draft = self.file.with_suffix(".draft")
            draft.write_text(json.dumps(self.results, indent=1), "utf-8")
            draft.replace(self.file)
        return self.results[name]


def published(context, kept: Kept, most: int) -> tuple[int, ...]:
    """Return the layers that the published search drops; ``kept`` has every candidate's scores."""
    from effexplorer.operators.layer_rules import greedy, in_words, whole_trainings
    from effexplorer.operators.layer_search import Candidates, held_out_score

    start = context.pretrained()
    layers = len(start.layers)
    parts = [1] * whole_trainings("greedy", layers, most)
    candidates = Candidates(
        start, context, epochs=context.epochs, parts=parts, total=1, carry=False
    )

    def result(removed: tuple[int, ...]) -> dict[str, Any]:
        before = candidates.sentences
        model = candidates.trained(1, removed)
        return {
            "held_out": held_out_score(model, context.task),
            "validation": validation_score(model, context.task),
            "sentences": candidates.sentences - before,
        }

    def score(removed: tuple[int, ...]) -> float:
        return kept.get(f"full, {in_words(removed)}", lambda: result(removed))["held_out"]

    return greedy(layers, most, score)


def short(context, kept: Kept, count: int) -> dict[str, Any]:
    """Return what the operator did: its own words, its rows, the final accuracy."""
    import dataclasses

    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.operators import DropLayers
    from effexplorer.operators.finetune import fine_tune

    def dense() -> SlimBertForSequenceClassification:
        folder = kept.file.with_suffix("")
        if not (folder / "config.json").is_file():
            model = fine_tune(context.pretrained(), context)
            kept.get("dense", lambda: {"validation": validation_score(model, context.task)})
            model.save_pretrained(folder)
        return SlimBertForSequenceClassification.from_pretrained(folder)

    def result() -> dict[str, Any]:
        events: list[dict[str, Any]] = []
        watched = dataclasses.replace(context, report=events.append)
        model = DropLayers(layers=count).apply(dense(), watched)
        return {
            "note": next(event["text"] for event in events if event["kind"] == "note"),
            "validation": validation_score(model, context.task),
            "sentences": events[-1]["done"],
        }

    return kept.get(f"short, {count}", result)


def validation_score(model, task) -> float:
    """Return the accuracy in percent on the validation split."""
    from effexplorer.measure import main_score, predict, predictions

    answers = predictions(predict(model, task.validation)[:, -1])
    return main_score(task.spec, answers, task.validation.labels)


def context_of(options):
    """Return the encoded task and all else that both searches work with."""
    from transformers import AutoTokenizer

    from effexplorer.models.catalog import find_model
    from effexplorer.models.importer import import_checkpoint
    from effexplorer.models.source import locate
    from effexplorer.operators import Context
    from effexplorer.tasks.data import load_task
    from effexplorer.tasks.encoded import encode_task
    from effexplorer.training.allocator import keep_large_blocks

    keep_large_blocks()
    spec = find_model("minilm")
    folder = locate(spec).folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    task = encode_task(load_task("sst2", train_examples=options.examples), tokenizer)
    return Context(
        task,
        options.seed,
        options.epochs,
        spec.learning_rate,
        tokenizer=tokenizer,
        pretrained=lambda: import_checkpoint(
            folder, labels=task.outputs, pooling=spec.pooling, seed=options.seed
        ),
    )


def main() -> None:
    """Search both ways and print rows and accuracy of each."""
    parser = options_of(__doc__)
    parser.add_argument("--examples", type=int, default=6_000, help="training rows")
    parser.add_argument("--epochs", type=float, default=2.0, help="of a whole fine-tuning")
    parser.add_argument(
        "--layers", type=int, nargs="+", default=[1, 2, 3], help="how many layers go"
    )
    parser.add_argument("--seed", type=int, default=0, help="of every training")
    work = Path(tempfile.gettempdir()) / "effexplorer-layer-search"
    parser.add_argument("--work", type=Path, default=work, help="folder of what is done")
    options = parser.parse_args()
    try:
        context = context_of(options)
    except UserError as error:
        parser.error(str(error))
    options.work.mkdir(parents=True, exist_ok=True)
    name = f"sst2-{options.examples}-{options.epochs:g}-{options.seed}.json"
    kept = Kept(options.work / name)
    for count in options.layers:
        short(context, kept, count)
    order = published(context, kept, max(options.layers))
    claims = [claim for count in options.layers for claim in _claims(kept, count, order)]
    show(claims, as_json=options.json)


def _claims(kept: Kept, count: int, order: tuple[int, ...]) -> list[Claim]:
    from effexplorer.operators.layer_rules import in_words

    tried = [
        result
        for name, result in kept.results.items()
        if name.startswith("full") and name.count(",") <= count
    ]
    ours, peer = kept.results[f"short, {count}"], kept.results[f"full, {in_words(order[:count])}"]
    sentences = sum(search["sentences"] for search in tried)
    ratio = ours["sentences"] / sentences
    shown = (f"{ours['sentences']:,}", f"{sentences:,}")
    first = Claim(
        f"training rows, {count} of 6 layers", *shown, ratio, "", "<= 0.25", ratio <= 0.25
    )
    dropped = ours["note"].removeprefix("drop: ").partition(" dropped")[0]
    shown = (
        f"{ours['validation']:.1f} % without {dropped}",
        f"{peer['validation']:.1f} % without {in_words(order[:count])}",
    )
    ratio = ours["validation"] / peer["validation"]
    met = ours["validation"] >= peer["validation"] - 0.5
    wanted = "at most 0.5 points below"
    return [first, Claim(f"accuracy, {count} of 6 layers", *shown, ratio, "", wanted, met)]


if __name__ == "__main__":
    main()
