"""Jobs: every live run is a worker process of its own that the app starts, watches and survives."""

from effexplorer.jobs.board import JobBoard, open_board
from effexplorer.jobs.job import Job

__all__ = ["Job", "JobBoard", "open_board"]
