"""``effexplorer list``: all finished runs, shipped ones and those measured here."""

from argparse import ArgumentParser, Namespace

from effexplorer.cli.output import print_json, print_runs, tell
from effexplorer.store import open_store

HELP = "List all finished runs."
EXAMPLE = "list --json"


def add_options(parser: ArgumentParser) -> None:
    """Add nothing: this command has no options of its own."""


def act(options: Namespace) -> int:
    """Print the runs; files that are not records are named on stderr."""
    store = open_store()
    runs = store.runs()
    tell(store.problems())
    if options.json:
        print_json([run.row() for run in runs])
    elif runs:
        print_runs(runs)
    else:
        tell(["No runs yet. Start one with: effexplorer run"])
    return 0
