"""How many epochs a dense model needs: trains it for 1, 2, 4, ... and scores held-out rows.

Every number of epochs is a training of its own with its whole learning-rate schedule. The score is
that on rows held out of the training split, never on validation. Chosen is the smallest number
whose score lies within the 95 % interval of twice as many: more training would bring nothing that
these rows can show. The numbers that stand in ``effexplorer/tasks/spec.py`` come from here. Needs
EFFEXPLORER_GLUE_DIR or a hub that answers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from transformers import AutoTokenizer

from effexplorer import units
from effexplorer.measure import predict, predictions
from effexplorer.models.catalog import find_model
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.source import locate
from effexplorer.operators import Context
from effexplorer.operators.finetune import fine_tune
from effexplorer.tasks import metrics
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import EncodedTask, encode_task
from effexplorer.tasks.spec import TASKS


@dataclass(frozen=True)
class Score:
    """What a number of epochs reached on the held-out rows, in percent, with its 95 % interval."""

    epochs: float
    score: float
    low: float
    high: float


def enough(scores: list[Score]) -> float | None:
    """Return the smallest number of epochs that twice as many do not surely better, or None."""
    by_epochs = {score.epochs: score for score in scores}
    for epochs, measured in sorted(by_epochs.items()):
        twice = by_epochs.get(2 * epochs)
        if twice is not None and measured.score >= twice.low:
            return epochs
    return None


def trained(
    task: EncodedTask, model: str, *, seed: int, learning_rate: float
) -> Callable[[float], Score]:
    """Return the function that trains ``model`` for some epochs and scores it."""
    spec = find_model(model)

    def score(epochs: float) -> Score:
        dense = import_checkpoint(
            locate(spec).folder,
            labels=task.outputs,
            pooling=spec.pooling,
            seed=seed,
            mean=task.mean,
        )
        fine_tune(dense, Context(task, seed, epochs, learning_rate), epochs=epochs)
        answers = predictions(predict(dense, task.held_out)[:, -1])
        reached = next(iter(metrics.score(task.spec, answers, task.held_out.labels).values()))
        return Score(epochs, reached, *metrics.interval(task.spec, answers, task.held_out.labels))

    return score


def doubled(
    score: Callable[[float], Score], *, first: float, most: float
) -> Iterator[tuple[Score, float]]:
    """Yield the score of ``first`` epochs, of twice as many, and so on, with its seconds.

    Ends when ``enough`` are found, or before a number above ``most``.
    """
    scores: list[Score] = []
    epochs = first
    while epochs <= most and enough(scores) is None:
        start = time.monotonic()
        scores.append(score(epochs))
        yield scores[-1], time.monotonic() - start
        epochs *= 2


def main() -> None:
    """Train for more and more epochs, print each score, and what is enough."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--task", required=True, choices=TASKS)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--first", type=float, default=1.0, help="epochs to begin with")
    parser.add_argument("--most", type=float, default=32.0, help="epochs to end with")
    parser.add_argument("--learning-rate", type=float, help="at its peak; default: the model's")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    spec = find_model(given.model)
    tokenizer = AutoTokenizer.from_pretrained(locate(spec).folder)
    task = encode_task(load_task(given.task), tokenizer)
    rate = given.learning_rate or spec.learning_rate
    print(
        f"{given.model} on {given.task}: {len(task.train):,} training rows, "
        f"{len(task.held_out):,} held out, learning rate {rate:g}, seed {given.seed}",
        flush=True,
    )
    scores = []
    score = trained(task, given.model, seed=given.seed, learning_rate=rate)
    for result, seconds in doubled(score, first=given.first, most=given.most):
        scores.append(result)
        print(
            f"{result.epochs:g} epochs: {units.percent(result.score)} "
            f"({result.low:.1f} to {result.high:.1f}), {units.duration(seconds)}",
            flush=True,
        )
    chosen = enough(scores)
    print(f"enough: {chosen:g} epochs" if chosen else "enough: more than were tried")


if __name__ == "__main__":
    main()
