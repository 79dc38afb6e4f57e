"""``effexplorer front``: the runs that no other run of their task beats in both score and cost."""

from argparse import ArgumentParser, Namespace
from itertools import groupby

from effexplorer.analysis.pareto import front, hypervolume
from effexplorer.cli.folders import add_explored
from effexplorer.cli.output import print_json, print_runs, tell
from effexplorer.errors import UserError, shown
from effexplorer.models.catalog import find_model
from effexplorer.records.schema import COSTS
from effexplorer.records.store import Run, open_store
from effexplorer.tasks.registry import find_task
from effexplorer.units import many

HELP = "Show the runs that no other run of their task beats in both score and cost."
EXAMPLE = "front --task sst2 --cost latency"


def add_options(parser: ArgumentParser) -> None:
    """Add the filters and the cost axis."""
    parser.add_argument("--task", help="only this task; by default one front for each task")
    parser.add_argument("--model", help="only runs of this model")
    parser.add_argument(
        "--cost", default="bytes", metavar="COST", help=f"{', '.join(COSTS)} (default: bytes)"
    )
    add_explored(parser)


def act(options: Namespace) -> int:
    """Print the front of every task, the cheapest run first."""
    if options.cost not in COSTS:
        raise UserError(f"cost: must be one of {', '.join(COSTS)}; got {shown(options.cost)}.")
    task = options.task and find_task(options.task).name
    store = open_store()
    all_runs = store.runs(explored=options.explored)
    model = options.model
    if model not in (None, *(run.record.model for run in all_runs)):
        model = find_model(model).name
    runs = [
        run
        for run in all_runs
        if task in (None, run.record.task) and model in (None, run.record.model)
    ]
    tell(store.problems())
    by_task = [list(same) for _, same in groupby(sorted(runs, key=_task), _task)]
    kept = [run for same in by_task for run in _front(same, options.cost)]
    if options.json:
        print_json([run.row() for run in kept])
    elif kept:
        print_runs(run.row() for run in kept)
        print()
        for same in by_task:
            print(_summary(same, options.cost))
    else:
        tell(["No such runs yet. Start one with: effexplorer run"])
    return 0


def _task(run: Run) -> str:
    return run.record.task


def _front(runs: list[Run], cost: str) -> list[Run]:
    return [runs[i] for i in front(_points(runs, cost))]


def _points(runs: list[Run], cost: str) -> list[tuple[float, float]]:
    return [(run.record.final.cost(cost), run.record.final.score) for run in runs]


def _summary(runs: list[Run], cost: str) -> str:
    """Return how many of a task's runs are on the front, and its hypervolume as a share.

    The share is of the plane between scores 0 and 100 %, and between no cost and the dearest run's.
    """
    points = _points(runs, cost)
    dearest = max(point[0] for point in points)
    share = hypervolume(points, (dearest, 0.0)) / dearest if dearest else 0.0
    return (
        f"{_task(runs[0])}: {len(front(points))} of {many(len(runs), 'run')} on the front; "
        f"hypervolume {share:.1f} % of the plane up to the dearest run."
    )
