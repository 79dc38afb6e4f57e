"""``effexplorer sweep``: many pipelines from one grid, on this machine or on a Ray cluster."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from effexplorer import home, units
from effexplorer.cli.folders import make_writable
from effexplorer.cli.lines import open_lines
from effexplorer.cli.output import print_json, tell
from effexplorer.errors import UserError, shown
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import open_store
from effexplorer.runner.identity import run_here
from effexplorer.runner.stage_cache import StageCache
from effexplorer.sweep import Grid, Node, Outcome, plan, read_grid, sweep
from effexplorer.sweep.estimate import Cost, cost
from effexplorer.sweep.scheduler import Pool
from effexplorer.sweep.tree import applications

HELP = "Run every pipeline of a grid: what they share is trained once, finished runs are kept."
EXAMPLE = "sweep benchmarks/study/3_reviews_orders.yaml --workers 2"


def add_options(parser: ArgumentParser) -> None:
    """Add the grid, where records go, and what the work runs on."""
    parser.add_argument("grid", type=Path, metavar="GRID.yaml", help="what to run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the records' folder")
    parser.add_argument(
        "--workers", metavar="N", help="stages at a time (default: as many as there are cores for)"
    )
    parser.add_argument("--threads", default="1", metavar="N", help="of each stage (default: 1)")
    parser.add_argument("--ray", metavar="ADDRESS", help="use a Ray cluster; local starts one")
    parser.add_argument(
        "--gpus", metavar="SHARE", help="of a GPU for each stage on a cluster (default: 0.25)"
    )
    parser.add_argument("--plan", action="store_true", help="tell what it would take, and stop")


def act(options: Namespace) -> int:
    """Tell what the sweep will take, run it, and name what failed; 1 when anything did."""
    elsewhere = options.ray not in (None, "local")
    threads, gpus = _count("threads", options.threads), _share(options)
    fitting = None if elsewhere else max(1, (os.cpu_count() or 1) // threads)  # a cluster knows
    workers = fitting if options.workers is None else _count("workers", options.workers)
    grid = read_grid(options.grid)
    folder = options.out or home.runs_folder()
    nodes = plan(
        grid.pipelines, lambda pipeline: (folder / f"{run_here(pipeline, folder).id}.json").exists()
    )
    tell(_outlook(grid, nodes, workers))
    if options.plan or not nodes:
        return _ended(options, grid, Outcome((), ()))
    _refuse_unreachable(nodes)
    make_writable(folder)
    try:
        with _pool(options.ray, folder, workers, threads, gpus) as pool, open_lines(nodes) as show:
            outcome = sweep(nodes, pool, tell=show)
    except KeyboardInterrupt:
        tell(["What is finished is kept: the same command goes on from there."])
        raise
    return _ended(options, grid, outcome)


def _count(name: str, value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 0 < number <= 256:
        raise UserError(f"sweep: {name} must be a whole number from 1 to 256; got {shown(value)}.")
    return number


def _share(options: Namespace) -> float | None:
    if options.gpus is None:
        return None
    try:
        share = float(options.gpus)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:  # not a number is neither
        raise UserError(f"sweep: gpus must be a number from 0 to 1; got {shown(options.gpus)}.")
    if not options.ray:
        raise UserError("sweep: gpus must stand with --ray; worker processes share one GPU.")
    return share


@contextmanager
def _pool(
    ray: str | None, folder: Path, workers: int | None, threads: int, gpus: float | None
) -> Iterator[Pool]:
    """Give the workers: processes of this machine, or a Ray cluster's. SIGTERM ends them too."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        if ray:
            from effexplorer.sweep.ray_pool import RayPool

            made: RayPool | ProcessPool = RayPool(
                ray, folder, workers=workers, threads=threads, gpus=gpus
            )
        else:
            from effexplorer.sweep.process_pool import ProcessPool

            made = ProcessPool(workers or 1, folder, threads=threads)
        with made as pool:
            signal.signal(signal.SIGTERM, _stop)  # after Ray has set its own
            yield pool
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _outlook(grid: Grid, nodes: Sequence[Node], workers: int | None) -> list[str]:
    """Return what a person should know before it starts, a line each."""
    missing = [node.pipeline for node in nodes if node.wanted]
    needs = cost(nodes, open_store().runs(), StageCache(home.stages_folder()).pipelines())
    lines = [
        f"{_many(len(grid.pipelines), 'run')}, of which {len(grid.pipelines) - len(missing)} "
        "are there.",
    ]
    if grid.refused:
        order, reason = grid.refused[0]
        orders = _many(len(grid.refused), "illegal order")
        lines.append(f"Left out: {orders}, such as {order}: {reason}")
    if missing:
        kept = f"; {_many(needs.kept, 'stage')} kept from earlier" * bool(needs.kept)
        lines.append(
            f"Left: {_many(len(missing), 'run')}, {_many(needs.models, 'model')} to fine-tune and "
            f"{_many(needs.operators, 'operator')} to apply ({applications(missing):,} without "
            f"sharing){kept}."
        )
        lines += _time(needs, workers)
    return lines


def _time(needs: Cost, workers: int | None) -> list[str]:
    if needs.sentences is None:
        return []
    amount = f"{needs.sentences:,} training rows"
    if needs.unknown == needs.models + needs.operators:
        return [
            f"{amount}; no run here tells how long they take." if needs.unknown else f"{amount}."
        ]
    amount += f"; {units.duration(needs.seconds)} of one worker's time"
    if workers and workers > 1:
        amount += f", about {units.duration(needs.seconds / workers)} on {workers}"
    if needs.unknown:
        amount += f", without {_many(needs.unknown, 'stage')} that nothing tells of"
    return [f"{amount}."]


def _many(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _refuse_unreachable(nodes: Sequence[Node]) -> None:
    """Raise UserError when weights or data of any run cannot be had, before the work starts."""
    from effexplorer import runner

    seen: dict[tuple[str, ...], Pipeline] = {}
    for node in nodes:
        seen.setdefault((node.pipeline.task, *node.pipeline.models), node.pipeline)
    problems = [problem for pipeline in seen.values() for problem in runner.check(pipeline)]
    if problems:
        raise UserError("\n".join(dict.fromkeys(problems)))


def _ended(options: Namespace, grid: Grid, outcome: Outcome) -> int:
    failed = [f"Failed: {_name(pipeline)}: {sentence}" for pipeline, sentence in outcome.failed]
    measured = f"{_many(len(outcome.finished), 'run')} measured."
    tell([*failed, *([measured] if outcome.finished else [])])
    if options.json:
        print_json(
            {
                "runs": [pipeline.key for pipeline in grid.pipelines],
                "measured": [pipeline.key for pipeline in outcome.finished],
                "failed": {pipeline.key: sentence for pipeline, sentence in outcome.failed},
            }
        )
    return 1 if failed else 0


def _name(pipeline: Pipeline) -> str:
    return f"{pipeline.model} on {pipeline.task}, seed {pipeline.seed}, {str(pipeline) or 'dense'}"
