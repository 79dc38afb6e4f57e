"""``effexplorer doctor``: what this machine can do, and what is missing, in sentences."""

import dataclasses
from argparse import ArgumentParser, Namespace

from effexplorer.cli.output import print_json

HELP = "Tell what this machine can do, and what is missing."
EXAMPLE = "doctor"
_MARKS = {True: "ok     ", False: "missing", None: "note   "}


def add_options(parser: ArgumentParser) -> None:
    """Add nothing: this command has no options of its own."""


def act(options: Namespace) -> int:
    """Print the findings; return 1 when something is missing that every run needs."""
    from effexplorer.doctor import report  # loads torch, which no other listing needs

    findings = report()
    if options.json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print(f"{_MARKS[finding.ok]}  {finding.name}: {finding.text}")
    return int(any(finding.ok is False for finding in findings))
