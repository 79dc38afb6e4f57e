"""``effexplorer report``: finished runs as one HTML file to hand over."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from effexplorer import atomic
from effexplorer.cli.output import print_json
from effexplorer.errors import UserError
from effexplorer.exports.report import report
from effexplorer.exports.source import find_run

HELP = "Write finished runs as one HTML file that needs no network."
EXAMPLE = "report 26bd9f217688 comparison.html"


def add_options(parser: ArgumentParser) -> None:
    """Add the runs and the file."""
    parser.add_argument("runs", nargs="+", metavar="run", help="the runs' ids")
    parser.add_argument("out", type=Path, help="a new file, .html")


def act(options: Namespace) -> int:
    """Write the file; what is there already is left alone."""
    out: Path = options.out
    if out.suffix != ".html" or out.exists():
        got = f"{out}, which is there" if out.exists() else str(out)
        raise UserError(f"out: must be a new file that ends in .html; got {got}.")
    text = report([find_run(name).record for name in dict.fromkeys(options.runs)])
    try:
        atomic.write(out, text.encode(), replace=False)
    except OSError as error:
        raise UserError(
            f"out: must be a file that can be written; got {out} ({error.strerror})."
        ) from error
    if options.json:
        print_json({"out": str(out), "runs": options.runs})
    else:
        print(f"Written: {out}")
    return 0
