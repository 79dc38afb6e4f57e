"""``effexplorer delete``: take a run that was measured here out of the store."""

from argparse import ArgumentParser, Namespace

from effexplorer.cli.output import print_json
from effexplorer.records.store import open_store

HELP = "Delete a run that was measured here."
EXAMPLE = "delete 26bd9f217688"


def add_options(parser: ArgumentParser) -> None:
    """Add the run's id."""
    parser.add_argument("id", help="the run's id, as the list shows it")


def act(options: Namespace) -> int:
    """Delete the run's record and exit table."""
    open_store().delete(options.id)
    if options.json:
        print_json({"deleted": options.id})
    else:
        print(f"Deleted {options.id}.")
    return 0
