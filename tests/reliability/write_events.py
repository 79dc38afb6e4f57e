"""Appends events to a file until it is killed; prints the number of each once it is written."""

import itertools
import sys
from pathlib import Path

from effexplorer.jobs.events import append_event

path, attempt = Path(sys.argv[1]), int(sys.argv[2])
for i in itertools.count():
    append_event(path, {"kind": "note", "text": f"{attempt}-{i}-" + "x" * 20_000})
    print(f"{attempt}-{i}")
