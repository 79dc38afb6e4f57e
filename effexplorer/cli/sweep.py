"""``effexplorer sweep``: many pipelines from one grid, on this machine or on a Ray cluster."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from effexplorer import home, units
from effexplorer.cli.folders import make_writable
from effexplorer.cli.lines import open_lines
from effexplorer.cli.output import print_json, tell
from effexplorer.errors import UserError
from effexplorer.estimate import estimate
from effexplorer.operators.knobs import shown
from effexplorer.pipeline import Pipeline
from effexplorer.store import Run, open_store
from effexplorer.sweep import Grid, Node, Outcome, plan, read_grid, sweep
from effexplorer.sweep.drive import Pool
from effexplorer.sweep.tree import applications

HELP = "Run every pipeline of a grid: what they share is trained once, finished runs are kept."
EXAMPLE = "sweep benchmarks/study/orders.yaml --workers 2"


def add_options(parser: ArgumentParser) -> None:
    """Add the grid, where records go, and what the work runs on."""
    parser.add_argument("grid", type=Path, metavar="GRID.yaml", help="what to run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the records' folder")
    parser.add_argument("--workers", metavar="N", help="processes (default: one for each core)")
    parser.add_argument("--threads", default="1", metavar="N", help="of each process (default: 1)")
    parser.add_argument("--ray", metavar="ADDRESS", help="use a Ray cluster; local starts one")
    parser.add_argument("--plan", action="store_true", help="tell what it would take, and stop")


def act(options: Namespace) -> int:
    """Tell what the sweep will take, run it, and name what failed; 1 when anything did."""
    workers = _count("workers", options.workers or os.cpu_count() or 1)
    threads = _count("threads", options.threads)
    grid = read_grid(options.grid)
    folder = options.out or home.runs_folder()
    nodes = plan(grid.pipelines, lambda one: (folder / f"{one.key}.json").exists())
    tell(_told(grid, nodes, open_store().runs(), workers))
    if options.plan or not nodes:
        return _ended(options, grid, Outcome((), ()))
    _refuse_unreachable(nodes)
    make_writable(folder)
    with _pool(options, workers, threads, folder) as pool, open_lines(nodes) as show:
        outcome = sweep(nodes, pool, tell=show)
    return _ended(options, grid, outcome)


def _count(name: str, value: str | int) -> int:
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 0 < number <= 256:
        raise UserError(f"sweep: {name} must be a whole number from 1 to 256; got {shown(value)}.")
    return number


@contextmanager
def _pool(options: Namespace, workers: int, threads: int, folder: Path) -> Iterator[Pool]:
    """Give the workers: processes of this machine, or a Ray cluster's."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.ray:
        from effexplorer.sweep.cluster import RayPool

        with RayPool(options.ray, folder, workers=workers, threads=threads) as pool:
            yield pool
    else:
        from effexplorer.sweep.pool import ProcessPool

        with ProcessPool(workers, folder, threads=threads) as pool:
            yield pool


def _told(grid: Grid, nodes: Sequence[Node], runs: Sequence[Run], workers: int) -> list[str]:
    """Return what a person should know before it starts, a line each."""
    missing = [node.pipeline for node in nodes if node.wanted]
    made = sum(bool(node.pipeline.steps) for node in nodes)
    models = len(nodes) - made
    lines = [
        f"{len(grid.pipelines)} runs, of which {len(grid.pipelines) - len(missing)} are there.",
        f"Left: {len(missing)} runs, {models} models to fine-tune and {made} operators to apply "
        f"({applications(missing)} without sharing).",
    ]
    if grid.refused:
        order, reason = grid.refused[0]
        lines.append(f"Left out: {len(grid.refused)} illegal orders, such as {order}: {reason}")
    cost = _cost(nodes, runs)
    if cost:
        sentences, seconds, unknown = cost
        lines.append(
            f"{sentences:,} training sentences; {units.duration(seconds)} of one worker's time, "
            f"about {units.duration(seconds / workers)} on {workers}"
            + (f", without {unknown} stages that nothing tells of." if unknown else ".")
        )
    return lines


def _cost(nodes: Sequence[Node], runs: Sequence[Run]) -> tuple[int, float, int] | None:
    """Return the training sentences and seconds of all nodes, and how many could not be judged."""
    sentences, seconds, unknown = 0, 0.0, 0
    for node in nodes:
        whole = estimate(node.pipeline, runs)
        before = estimate(node.pipeline.prefix(len(node.pipeline.steps) - 1), runs)
        if not node.pipeline.steps:
            before = None
        if whole is None:
            return None
        sentences += whole.sentences - (before.sentences if before else 0)
        if whole.seconds is None:
            unknown += 1
        else:
            seconds += whole.seconds - (before.seconds or 0.0 if before else 0.0)
    return sentences, seconds, unknown


def _refuse_unreachable(nodes: Sequence[Node]) -> None:
    """Raise UserError when weights or data of any run cannot be had, before the work starts."""
    from effexplorer import runner

    seen: dict[tuple[str, ...], Pipeline] = {}
    for node in nodes:
        one = node.pipeline
        names = (one.model, *(name for step in one.steps for name in step.models_needed))
        seen.setdefault((one.task, *names), one)
    problems = [problem for one in seen.values() for problem in runner.check(one)]
    if problems:
        raise UserError("\n".join(dict.fromkeys(problems)))


def _ended(options: Namespace, grid: Grid, outcome: Outcome) -> int:
    failed = [f"Failed: {_name(one)}: {sentence}" for one, sentence in outcome.failed]
    tell([*failed, *([f"{len(outcome.finished)} runs measured."] if outcome.finished else [])])
    if options.json:
        print_json(
            {
                "runs": [one.key for one in grid.pipelines],
                "measured": [one.key for one in outcome.finished],
                "failed": {one.key: sentence for one, sentence in outcome.failed},
            }
        )
    return 1 if failed else 0


def _name(pipeline: Pipeline) -> str:
    return f"{pipeline.model} on {pipeline.task}, seed {pipeline.seed}, {str(pipeline) or 'dense'}"
