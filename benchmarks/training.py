"""Our training loop against transformers.Trainer with its defaults: rows a second, accuracy.

Both fine-tune MiniLM on SST-2 from the same initial weights, with the same learning rate, batch
size, longest sentence (128 word pieces) and number of rows. The peer is what a usual script
does: fp32, AdamW, random batches padded by DataCollatorWithPadding; only its batch is 32 instead
of 8. Each training has a process of its own, all threads, and the turns alternate.
Wanted: 3 times as fast or more, accuracy at most half a point below. Needs EFFEXPLORER_GLUE_DIR
or a hub that answers.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.timing import Claim, options_of, quartiles, show
from effexplorer.errors import UserError

BATCH = 32
LONGEST = 128


@dataclass(frozen=True)
class Job:
    """What both train on: the number of rows, the seed and the peak learning rate."""

    examples: int
    seed: int
    learning_rate: float
    scored: bool


@dataclass(frozen=True)
class Outcome:
    """Sentences a second, first step left out, and accuracy in percent where it was asked for."""

    speed: float
    accuracy: float


def ours(job: Job) -> Outcome:
    """Train with effexplorer's loop, as a worker of the app does."""
    from benchmarks.minilm import peer_model
    from effexplorer.measure import predict
    from effexplorer.models.importer import from_transformers
    from effexplorer.operators import Context
    from effexplorer.operators.finetune import fine_tune
    from effexplorer.training.allocator import keep_large_blocks

    keep_large_blocks()
    task = _encoded(job)
    model = from_transformers(peer_model(job.seed))
    steps: list[float] = []
    context = Context(task, job.seed, epochs=1.0, learning_rate=job.learning_rate)
    fine_tune(model, context, epochs=1.0, after_step=lambda done: steps.append(time.perf_counter()))
    answers = predict(model, task.validation)[:, -1].argmax(1) if job.scored else None
    return Outcome(_speed(steps), _accuracy(answers, task))


def trainer(job: Job) -> Outcome:
    """Train with transformers.Trainer."""
    from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments
    from transformers.trainer_callback import PrinterCallback, TrainerCallback

    from benchmarks.minilm import peer_model
    from effexplorer.models.catalog import find_model
    from effexplorer.models.source import locate

    steps: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_, **__) -> None:
            steps.append(time.perf_counter())

    task = _encoded(job)
    tokenizer = AutoTokenizer.from_pretrained(locate(find_model("minilm")).folder)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            per_device_train_batch_size=BATCH,
            learning_rate=job.learning_rate,
            num_train_epochs=1,
            seed=job.seed,
            use_cpu=True,
            dataloader_pin_memory=False,
            save_strategy="no",
            disable_tqdm=True,
            report_to="none",
        )
        peer = Trainer(
            peer_model(job.seed),
            arguments,
            data_collator=DataCollatorWithPadding(tokenizer),
            train_dataset=_rows(task.train),
            callbacks=[Clock],
        )
        peer.remove_callback(PrinterCallback)
        peer.train()
        answers = peer.predict(_rows(task.validation)).predictions.argmax(1) if job.scored else None
    return Outcome(_speed(steps), _accuracy(answers, task))


def in_own_process(train: Callable[[Job], Outcome], job: Job) -> Outcome:
    """Return what ``train`` gives in a fresh process, which shares nothing with the others."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(train, job).result()


def _encoded(job: Job):
    from transformers import AutoTokenizer

    from effexplorer.models.catalog import find_model
    from effexplorer.models.source import locate
    from effexplorer.tasks.data import load_task
    from effexplorer.tasks.encoded import encode_task

    tokenizer = AutoTokenizer.from_pretrained(locate(find_model("minilm")).folder)
    return encode_task(load_task("sst2", train_examples=job.examples), tokenizer)


def _rows(examples) -> list[dict]:
    return [
        {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": int(label)}
        for ids, label in zip(examples.ids, examples.labels, strict=True)
    ]


def _speed(steps: list[float]) -> float:
    return BATCH * (len(steps) - 1) / (steps[-1] - steps[0])


def _accuracy(answers, task) -> float:
    return 0.0 if answers is None else 100 * float((answers == task.validation.labels).mean())


def main() -> None:
    """Train in turns and print speed and accuracy of both."""
    parser = options_of(__doc__)
    parser.add_argument("--examples", type=int, default=20_000, help="rows for the accuracy")
    parser.add_argument("--speed-examples", type=int, default=960, help="rows a speed turn")
    parser.add_argument("--rounds", type=int, default=3, help="speed turns that each gets")
    parser.add_argument("--seeds", type=int, default=1, help="trainings whose accuracy is averaged")
    parser.add_argument("--learning-rate", type=float, default=1e-4, help="at its peak")
    options = parser.parse_args()
    from effexplorer.tasks.data import load_task

    try:
        load_task("sst2", train_examples=max(options.examples, options.speed_examples))
    except UserError as error:
        parser.error(str(error))
    speeds = []
    for turn in range(options.rounds):
        job = Job(options.speed_examples, turn, options.learning_rate, scored=False)
        order = (ours, trainer) if turn % 2 else (trainer, ours)
        outcomes = {train: in_own_process(train, job) for train in order}
        speeds.append((outcomes[ours].speed, outcomes[trainer].speed))
    scores = []
    for seed in range(options.seeds if options.examples else 0):
        job = Job(options.examples, seed, options.learning_rate, scored=True)
        scores.append([in_own_process(train, job) for train in (ours, trainer)])
    show(_claims(speeds, scores, options), as_json=options.json)


def _claims(speeds, scores, options) -> list[Claim]:
    ratios = [speed / other for speed, other in speeds]
    shown = [f"{median(column):.0f} rows/s" for column in zip(*speeds, strict=True)]
    what = f"speed, {options.rounds} turns of {options.speed_examples} rows"
    ratio = median(ratios)
    claims = [Claim(what, *shown, ratio, quartiles(ratios), ">= 3.00", ratio >= 3)]
    if scores:
        whole = [mean(score.speed for score in column) for column in zip(*scores, strict=True)]
        right = [mean(score.accuracy for score in column) for column in zip(*scores, strict=True)]
        count = f"{options.examples} rows, {options.seeds} seed(s)"
        shown = [f"{speed:.0f} rows/s" for speed in whole]
        ratio = whole[0] / whole[1]
        claims.append(Claim(f"speed, {count}", *shown, ratio, "", ">= 3.00", ratio >= 3))
        shown = [f"{share:.2f} %" for share in right]
        met = right[0] >= right[1] - 0.5
        wanted = "at most 0.5 points below"
        claims.append(Claim(f"accuracy, {count}", *shown, right[0] / right[1], "", wanted, met))
    return claims


if __name__ == "__main__":
    main()
