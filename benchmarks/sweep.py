"""A sweep over all ordered subsets of four operators against one pipeline after the other.

Ours is what ``effexplorer sweep`` does with a worker for each core: every common beginning is
trained once. The peer makes each pipeline with ``effexplorer.runner.run`` in one process, with an
empty stage cache, so that it trains all of its own stages; what that process imports is not
counted, what the workers import is. A tiny random BERT on some of the bundled reviews, so that
the fixed costs of a stage weigh more than they do in earnest. Wanted: 64 operators applied instead
of 196, and 2.5 times the speed. The peer takes some minutes; with --every N it makes each Nth
pipeline, evenly over the lengths, and its time is that many times theirs.
"""

from __future__ import annotations

import argparse
import collections
import os
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import Claim, options_of, show
from effexplorer import home, units
from effexplorer.pipeline import Pipeline
from effexplorer.sweep import plan, sweep
from effexplorer.sweep.grid import expand
from effexplorer.sweep.tree import applications

OPERATORS = ("distill(layers=2)", "prune", "exit", "quantize(mode=aware)")
WANTED = 2.5


def tiny_model(folder: Path) -> None:
    """Save a random BERT of four layers and width 64, with the commonest words of the reviews."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
    from transformers.utils import logging

    from effexplorer.tasks.data import load_task

    logging.disable_progress_bar()
    texts = load_task("reviews").train.texts[0]
    counts = collections.Counter(re.findall(r"[a-z]+", " ".join(texts).lower()))
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *".,;:!?'-()"]
    pieces += [f"##{letter}" for letter in letters]
    pieces += [word for word, _ in counts.most_common(1000) if len(word) > 1]
    folder.mkdir(parents=True)
    tokenizer = BertTokenizerFast(vocab={piece: index for index, piece in enumerate(pieces)})
    tokenizer.save_pretrained(folder)
    shape = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4}
    config = BertConfig(vocab_size=len(pieces), intermediate_size=256, **shape)
    torch.manual_seed(0)
    BertForSequenceClassification(config).save_pretrained(folder)


@dataclass
class Spent:
    """Wall and processor seconds, and the operators applied in them."""

    wall: float = 0.0
    processor: float = 0.0
    operators: int = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Add what happens meanwhile, in this process and in those that it has seen end."""
        wall, processor = time.perf_counter(), _processor_seconds()
        yield
        self.wall += time.perf_counter() - wall
        self.processor += _processor_seconds() - processor


def _processor_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def sweep_all(pipelines: Sequence[Pipeline], workers: int) -> Spent:
    """Return what a sweep over ``pipelines`` takes."""
    from effexplorer.sweep.process_pool import ProcessPool

    nodes = plan(pipelines, lambda pipeline: False)
    spent = Spent(operators=sum(bool(node.pipeline.steps) for node in nodes))
    with spent.counting(), ProcessPool(workers, home.runs_folder()) as pool:
        outcome = sweep(nodes, pool)
    assert set(outcome.finished) == set(pipelines)
    return spent


def one_by_one(pipelines: Sequence[Pipeline], spent: Spent) -> None:
    """Add to ``spent`` what the pipelines take one after the other."""
    from effexplorer import runner

    for pipeline in pipelines:
        shutil.rmtree(home.stages_folder(), ignore_errors=True)
        with spent.counting():
            record = runner.run(pipeline, runs_folder=home.home() / "alone")
        assert not any(stage.reused for stage in record.stages)
        spent.operators += len(pipeline.steps)


def measure(options: argparse.Namespace) -> list[Claim]:
    """Return the claims about operators and time; half of the peer's runs come after ours."""
    grid = expand(
        {
            "models": "tiny",
            "train_examples": options.examples,
            "epochs": options.epochs,
            "pipelines": [{"ordered_subsets": list(OPERATORS)}],
        }
    )
    ordered = sorted(grid.pipelines, key=lambda pipeline: len(pipeline.steps))
    taken = ordered[options.every // 2 :: options.every]
    one_by_one([ordered[0]], Spent())  # imports, and the first touch of everything
    peer = Spent()
    one_by_one(taken[::2], peer)
    shutil.rmtree(home.stages_folder())
    ours = sweep_all(grid.pipelines, options.workers)
    one_by_one(taken[1::2], peer)

    every, stages = applications(ordered), peer.operators + len(taken)
    whole = (every + len(ordered)) / stages  # what was left out has its share by its stages
    name = f"{len(ordered)} pipelines of up to {len(OPERATORS)} operators"
    return [
        Claim(
            f"{name}: operators applied",
            str(ours.operators),
            str(every),
            ours.operators / every,
            wanted="at most 64",
            met=ours.operators <= 64,
        ),
        Claim(
            f"{name}: time, {options.workers} workers",
            units.duration(ours.wall),
            units.duration(whole * peer.wall),
            whole * peer.wall / ours.wall,
            wanted=f"at least {WANTED} times as fast",
            met=whole * peer.wall / ours.wall >= WANTED,
        ),
        Claim(
            f"{name}: processor time, which a busy machine leaves as it is",
            units.duration(ours.processor),
            units.duration(whole * peer.processor),
            whole * peer.processor / ours.processor,
        ),
    ]


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="worker processes")
    parser.add_argument("--examples", type=int, default=200, help="training rows")
    parser.add_argument("--epochs", type=float, default=1.0, help="of each training")
    parser.add_argument("--every", type=int, default=1, help="the peer makes each Nth pipeline")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tiny_model(Path(folder) / "models" / "tiny")
        os.environ["EFFEXPLORER_MODEL_DIR"] = str(Path(folder) / "models")
        os.environ["EFFEXPLORER_HOME"] = str(Path(folder) / "home")
        os.environ["OMP_NUM_THREADS"] = "1"
        show(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
