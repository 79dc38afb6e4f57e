"""``effexplorer front``: the runs that no other run of their task beats in both score and cost."""

from argparse import ArgumentParser, Namespace
from itertools import groupby

from effexplorer.analysis.pareto import front
from effexplorer.cli.output import print_json, print_runs, tell
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.operators.knobs import shown
from effexplorer.record import COSTS
from effexplorer.store import Run, open_store
from effexplorer.tasks.spec import find_task

HELP = "Show the runs that no other run of their task beats in both score and cost."
EXAMPLE = "front --task sst2 --cost latency"


def add_options(parser: ArgumentParser) -> None:
    """Add the filters and the cost axis."""
    parser.add_argument("--task", help="only this task; by default one front for each task")
    parser.add_argument("--model", help="only runs of this model")
    parser.add_argument(
        "--cost", default="bytes", metavar="COST", help=f"{', '.join(COSTS)} (default: bytes)"
    )


def act(options: Namespace) -> int:
    """Print the front of every task, the cheapest run first."""
    if options.cost not in COSTS:
        raise UserError(f"cost: must be one of {', '.join(COSTS)}; got {shown(options.cost)}.")
    task = options.task and find_task(options.task).name
    store = open_store()
    all_runs = store.runs()
    model = options.model
    if model not in (None, *(run.record.model for run in all_runs)):
        model = find_model(model).name
    runs = [
        run
        for run in all_runs
        if task in (None, run.record.task) and model in (None, run.record.model)
    ]
    tell(store.problems())
    fronts = [
        _front(list(same), options.cost) for _, same in groupby(sorted(runs, key=_task), _task)
    ]
    if options.json:
        print_json([run.row() for one in fronts for run in one])
    elif fronts:
        print_runs([run for one in fronts for run in one])
    else:
        tell(["No such runs yet. Start one with: effexplorer run"])
    return 0


def _task(run: Run) -> str:
    return run.record.task


def _front(runs: list[Run], cost: str) -> list[Run]:
    points = [(run.record.final.cost(cost), run.record.final.score) for run in runs]
    return [runs[i] for i in front(points)]
