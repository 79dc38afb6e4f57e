"""``effexplorer list``: all finished runs, shipped ones and those measured here."""

import sys
from argparse import ArgumentParser, Namespace

from effexplorer.cli.folders import add_explored
from effexplorer.cli.output import print_json, print_runs, tell
from effexplorer.errors import UserError
from effexplorer.records.export import to_csv
from effexplorer.records.store import open_store

HELP = "List all finished runs, or those that searches explored."
EXAMPLE = "list --csv"


def add_options(parser: ArgumentParser) -> None:
    """Add the options of a line for every stage, and of explored runs."""
    parser.add_argument("--csv", action="store_true", help="print CSV, one line for each stage")
    add_explored(parser)


def act(options: Namespace) -> int:
    """Print the runs; files that are not records are named on stderr."""
    if options.csv and options.json:
        raise UserError("list: must print one of --csv and --json; got both.")
    store = open_store()
    rows, problems = store.rows(explored=options.explored)
    tell(problems)
    if options.csv:
        sys.stdout.write(to_csv(store.runs(explored=options.explored)))
    elif options.json:
        print_json(rows)
    elif rows:
        print_runs(rows)
    else:
        tell(["No runs yet. Start one with: effexplorer run"])
    return 0
