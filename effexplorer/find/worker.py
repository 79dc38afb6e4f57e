"""The worker of a search: the process that does it and tells in the job's folder how it ended.

Started by the job queue as ``python -m effexplorer.find.worker FOLDER``. What the search finds is
in its own log; the job's events say that it began, what trains at present, and how it ended.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from effexplorer.find.request import Request
from effexplorer.find.search import find
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.job import CANCEL_FILE
from effexplorer.jobs.process import LOG_FILE
from effexplorer.jobs.request import read_request
from effexplorer.jobs.worker import end, last_word, start_heartbeat


def main(folder: Path, search: Callable[..., Iterator[dict[str, Any]]] = find) -> int:
    """Do the search that ``folder`` asks for; return 0 when it came to its answer, else 1."""
    events = folder / EVENTS_FILE
    start_heartbeat(folder)
    try:
        append_event(events, {"kind": "started", "pid": os.getpid()})
        request = read_request(folder)
        for _ in search(Request.from_dict(request.search), cancelled=(folder / CANCEL_FILE).exists):
            pass
    except Exception as error:
        end(events, last_word(error, folder / LOG_FILE))
        return 1
    end(events, {"kind": "done", "id": folder.name})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
