"""A finished search on disk, with its job: what the app finds of one that was made earlier."""

from pathlib import Path

from effexplorer.find.log import SearchLog
from effexplorer.find.request import Request
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.request import Request as JobRequest
from tests.find.builders import RulePool, a_driver


def save_search(home: Path, request: Request, *, events: int | None = None) -> str:
    """Write the search's log, its first ``events`` alone if given, and its job; return its id.

    The job is done where the log is whole, else running.
    """
    folder, job = home / "searches" / request.key, home / "jobs" / request.key
    for one in (folder, job):
        one.mkdir(parents=True)
    log = SearchLog(folder)
    made = list(a_driver(request, RulePool()).events())
    for event in made[:events]:
        log.append(event)
    JobRequest(request.pipeline, "f" * 32, 1.0, request.to_dict()).write(job)
    append_event(job / EVENTS_FILE, {"kind": "started", "pid": 1})
    if events is None:
        append_event(job / EVENTS_FILE, {"kind": "done", "id": request.key})
    return request.key
