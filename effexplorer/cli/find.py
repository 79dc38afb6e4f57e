"""``effexplorer find``: the best pipeline within limits and a budget."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from effexplorer.cli.folders import make_writable
from effexplorer.cli.output import print_json, tell
from effexplorer.errors import UserError, shown
from effexplorer.find.goal import AIMS, Goal
from effexplorer.find.quantities import BYTES, COUNT, MILLISECONDS, SECONDS, quantity
from effexplorer.find.request import Request
from effexplorer.find.space import LETTERS
from effexplorer.pipeline import Pipeline

HELP = "Find the best pipeline within limits and a budget, by measuring where it pays most."
EXAMPLE = "find --task reviews --max-size 20MB --lose-at-most 1 --budget 30min"
_UNITS = {"max_size": BYTES, "max_macs": COUNT, "max_latency": MILLISECONDS}
_SHOWN = ("plan", "chosen", "finding", "trial_failed", "ranking")


def add_options(parser: ArgumentParser) -> None:
    """Add what to search for, within what, and what the work runs on."""
    parser.add_argument("--model", default="minilm", help="as for run (default: minilm)")
    parser.add_argument("--task", default="reviews", help="as for run (default: reviews)")
    parser.add_argument("--max-size", metavar="SIZE", help="of the weight file: 15MB")
    parser.add_argument("--max-macs", metavar="N", help="multiply-accumulates a sentence: 80M")
    parser.add_argument("--max-latency", metavar="TIME", help="per sentence at batch 1: 2ms")
    parser.add_argument("--min-score", metavar="S", help="lowest score in percent")
    parser.add_argument("--lose-at-most", metavar="P", help="points below the dense model")
    parser.add_argument(
        "--goal",
        default="",
        metavar="GOAL",
        help=f"{', '.join(AIMS)} (default: size where a score is asked for, else score)",
    )
    parser.add_argument("--budget", default="60min", metavar="TIME", help="default: 60min")
    parser.add_argument(
        "--operators", default=",".join(LETTERS), metavar="D,P,Q", help="default: all"
    )
    parser.add_argument("--seed", default="0", metavar="N", help="default: 0")
    parser.add_argument("--train-examples", metavar="N", help="training rows (default: all)")
    parser.add_argument("--epochs", metavar="N", help="passes of the dense model (default: task's)")
    parser.add_argument(
        "--max-length", metavar="N", help="word pieces at which a text is cut (default: task's)"
    )
    parser.add_argument("--workers", metavar="N", help="stages at a time (default: one per core)")
    parser.add_argument("--ray", metavar="ADDRESS", help="use a Ray cluster; local starts one")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the records' folder")
    parser.add_argument(
        "--optuna", type=Path, metavar="FILE", help="also store trials for optuna-dashboard"
    )


def act(options: Namespace) -> int:
    """Search, a line for each finding, and print the answer; 1 when there is none."""
    from effexplorer.find.search import (
        find,
    )  # loads what a request with a problem need not wait for

    request = read_request(options)
    workers = None if options.workers is None else _count(options.workers)
    if options.out is not None:
        make_writable(options.out)
    events = find(request, workers=workers, ray=options.ray, runs_folder=options.out)
    if options.optuna is not None:
        from effexplorer.find.optuna_study import stored

        events = stored(events, request, options.optuna)
    answer: dict[str, Any] = {}
    try:
        for event in events:
            if event["kind"] == "answer":
                answer = event
            elif event["kind"] in _SHOWN:
                tell([f"{'  ' * (event['kind'] == 'chosen')}{event['text']}"])
    except KeyboardInterrupt:
        tell(["What is finished is kept: the same command goes on from there."])
        raise
    if options.json:
        print_json(answer)
    else:
        print(answer["text"])
        for line in next_steps(answer):
            print(line)
    return 0 if answer["best"] else 1


def read_request(options: Namespace) -> Request:
    """Return the search that the options describe; raises UserError for what they get wrong."""
    limits = {
        name: quantity(name.replace("_", "-"), value, units)
        for name, units in _UNITS.items()
        if (value := getattr(options, name)) is not None
    }
    scores = {
        name: quantity(name.replace("_", "-"), value, {"": 1})
        for name in ("min_score", "lose_at_most")
        if (value := getattr(options, name)) is not None
    }
    pipeline = Pipeline(
        options.model,
        options.task,
        (),
        options.seed,
        options.train_examples,
        options.epochs,
        options.max_length,
    )
    budget = quantity("budget", options.budget, SECONDS)
    return Request(pipeline, Goal(aim=options.goal, **limits, **scores), budget, options.operators)


def next_steps(answer: dict[str, Any]) -> list[str]:
    """Return how to measure the answer's pipeline again, a line each."""
    best = answer["best"]
    if not best:
        return []
    pipeline = Pipeline.from_dict(best["pipeline"])
    chosen = ""
    for name in ("train_examples", "epochs", "max_length"):
        if (value := getattr(pipeline, name)) is not None:
            chosen += f" --{name.replace('_', '-')} {value:g}"
    command = f'--model {pipeline.model} --task {pipeline.task}{chosen} --steps "{pipeline}"'
    return [
        f"Its records: effexplorer list; its model again: effexplorer run {command}",
    ]


def _count(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) <= 256:
        raise UserError(f"find: workers must be a whole number from 1 to 256; got {shown(value)}.")
    return int(value)
