"""The command line, with every event of a sweep as a line of JSON on stderr; test_ray starts it."""

import dataclasses
import json
import sys
from contextlib import contextmanager

import effexplorer.cli.sweep
from effexplorer import cli


@contextmanager
def open_lines(nodes):
    yield lambda event: print(json.dumps(dataclasses.asdict(event)), file=sys.stderr, flush=True)


if __name__ == "__main__":
    effexplorer.cli.sweep.open_lines = open_lines
    sys.exit(cli.main())
