"""Our int8 against transformers' fp32: latency, predictions kept, and batch companions.

Latency at batch 1 and 32, MiniLM, 32 word pieces, for each engine with each kernel that is exact on
this processor. Wanted at 1x32 and one thread: ONNX Runtime in at most 0.30 of the time where there
is VNNI and 0.45 elsewhere, PyTorch in at most 1.10, whichever kernel it has to take. Then
MiniLM is fine-tuned through the runner, unless its stage cache has it, and quantized: the share of
validation predictions that stay (wanted: at least 99 %), and how far an answer moves when other
sentences share its batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor
from transformers import AutoTokenizer

from benchmarks.minilm import SHAPES, asking, pair, random_sentences
from benchmarks.timing import Claim, in_turns, options_of, show, threads
from effexplorer import home, runner
from effexplorer.cli.bar import open_bar
from effexplorer.errors import UserError
from effexplorer.inference.int8_check import LAYOUTS
from effexplorer.inference.onnx import OnnxEngine, pool_threads, signed_weights
from effexplorer.measure import predict
from effexplorer.models.catalog import find_model
from effexplorer.models.convert import to_numeric
from effexplorer.models.integer_product import KERNELS, VARIABLE, has_vnni, is_exact
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.models.source import locate
from effexplorer.operators import Quantize
from effexplorer.pipeline import Pipeline
from effexplorer.runner.stage_cache import StageCache, stage_key
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import EncodedTask, Examples, encode_task
from effexplorer.training.allocator import keep_large_blocks

COMPANIONS = 200  # validation sentences answered alone as well as in a batch


def latency(rounds: int, numbers: list[int]) -> list[Claim]:
    """Return a claim for each shape, number of threads, engine and kernel that is exact here."""
    slim, peer = pair()
    ours = to_numeric(slim, "int8").eval()
    pool = pool_threads(max(numbers))
    claims = []
    for shape in SHAPES:
        inputs = random_sentences(*shape)
        calls = 20 if shape[0] == 1 else 2
        for number in numbers:
            for name, ask, goal in _askers(ours, inputs, number, pool):
                with threads(number):
                    mine, other, ratio, spread = in_turns(
                        ask, asking(peer, *inputs), rounds=rounds, calls=calls
                    )
                times = f"{1000 * mine:.1f} ms", f"{1000 * other:.1f} ms"
                wanted = (f"<= {goal:.2f}", ratio <= goal) if inputs[0].shape[0] == 1 else ()
                what = f"{name}, {shape[0]}x{shape[1]}, {number} thread(s)"
                claims.append(Claim(what, *times, ratio, spread, *wanted))
    return claims


def _askers(
    model: SlimBertForSequenceClassification, inputs: tuple[Tensor, Tensor], number: int, pool: int
) -> Iterator[tuple[str, Callable[[], object], float]]:
    """Yield each engine and kernel, a call that asks it, and the ratio that is wanted."""
    for name, kernel in KERNELS.items():
        if is_exact(kernel) and (name != "int_mm" or has_vnni()):
            yield f"PyTorch, {name}", _with_kernel(name, asking(model, *inputs)), 1.1
    if number != pool:  # ONNX Runtime makes one pool of threads in a process
        return
    ids = inputs[0].numpy()
    lengths = np.full(len(ids), ids.shape[1], dtype=np.int32)
    for signed in (True, False) if signed_weights() else (False,):
        engine = OnnxEngine(model, signed=signed)
        goal = 0.30 if signed else 0.45
        yield (
            f"ONNX Runtime, {LAYOUTS[signed]}",
            lambda engine=engine: engine.advance(0, engine.begin(ids, np.zeros_like(ids), lengths)),
            goal,
        )


def _with_kernel(name: str, ask: Callable[[], object]) -> Callable[[], object]:
    def asked() -> object:
        os.environ[VARIABLE] = name
        try:
            return ask()
        finally:
            del os.environ[VARIABLE]

    return asked


def fine_tuned(
    pipeline: Pipeline,
) -> tuple[SlimBertForSequenceClassification, SlimBertForSequenceClassification, EncodedTask]:
    """Return the dense model, its int8 form, and the encoded task; both models were really saved.

    Raises UserError when weights or data cannot be had.
    """
    with open_bar() as report:
        runner.run(pipeline, runs_folder=home.runs_folder(), report=report)
    located = locate(find_model(pipeline.model))
    data = load_task(pipeline.task, train_examples=pipeline.train_examples)
    cache = StageCache(home.stages_folder())
    models = []
    for steps in (0, 1):
        key = stage_key(
            pipeline.prefix(steps), fingerprint=data.fingerprint, weights=located.sha256
        )
        models.append(cache.find(key).model())
    return *models, encode_task(data, AutoTokenizer.from_pretrained(located.folder))


def agreement(
    dense: SlimBertForSequenceClassification,
    small: SlimBertForSequenceClassification,
    task: EncodedTask,
) -> list[Claim]:
    """Return how the int8 model's answers differ from the dense model's."""
    before, after = (predict(model, task.validation)[:, -1] for model in (dense, small))
    labels = task.validation.labels
    kept = float((before.argmax(1) == after.argmax(1)).mean())
    right = [100 * float((logits.argmax(1) == labels).mean()) for logits in (after, before)]
    drift = float(np.abs(after - before).mean())
    shown = [f"{share:.2f} %" for share in right]
    count = f"{len(labels)} validation predictions"
    return [
        Claim(f"{count} kept", f"{100 * kept:.2f} %", "100 %", kept, "", ">= 0.99", kept >= 0.99),
        Claim("accuracy, int8 and fp32", *shown, right[0] / right[1]),
        Claim("mean logit drift against mean |logit|", *_drift(drift, before)),
    ]


def companions(model: SlimBertForSequenceClassification, examples: Examples, name: str) -> Claim:
    """Return how much logits move between a sentence alone and one in a padded batch."""
    rows = np.linspace(0, len(examples) - 1, min(COMPANIONS, len(examples))).astype(int)
    together = _logits(model, examples, rows)
    alone = np.concatenate([_logits(model, examples, rows[at : at + 1]) for at in range(len(rows))])
    moved = float(np.abs(together - alone).max())
    changed = int((together.argmax(1) != alone.argmax(1)).sum())
    what = f"{name}: largest logit change in a batch of {len(rows)}, {changed} answers changed"
    return Claim(what, *_drift(moved, alone), wanted="0 changed", met=changed == 0)


@torch.inference_mode()
def _logits(model: SlimBertForSequenceClassification, examples: Examples, rows: np.ndarray):
    batch = examples.batch(rows)
    return model(batch.ids, batch.mask, batch.token_types).logits.numpy()


def _drift(value: float, logits: np.ndarray) -> tuple[str, str, float]:
    size = float(np.abs(logits).mean())
    return f"{value:.1e}", f"{size:.2f}", value / size


def main() -> None:
    """Measure, and print a line for each claim."""
    parser = options_of(__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns that each model gets")
    parser.add_argument(
        "--threads", type=int, nargs="+", default=[1], help="threads; ONNX Runtime has the most"
    )
    parser.add_argument("--task", default="sst2", help="a task with classes")
    parser.add_argument(
        "--train-examples", type=int, default=6_920, help="training rows: SST-2's sentences"
    )
    parser.add_argument("--epochs", type=float, help="passes of the dense model (default: task's)")
    options = parser.parse_args()
    keep_large_blocks()  # as in the app's workers; it serves the peer just as well
    pipeline = Pipeline(
        "minilm",
        options.task,
        (Quantize(),),
        train_examples=options.train_examples,
        epochs=options.epochs,
    )
    try:
        dense, small, task = fine_tuned(pipeline)
    except UserError as error:
        parser.error(str(error))
    claims = latency(options.rounds, options.threads) + agreement(dense, small, task)
    for name, model in (("int8", small), ("fp32", dense)):
        claims.append(companions(model, task.validation, name))
    show(claims, as_json=options.json)


if __name__ == "__main__":
    main()
