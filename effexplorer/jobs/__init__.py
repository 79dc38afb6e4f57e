"""Jobs: every live run is a worker process of its own that the app starts, watches and survives."""

from effexplorer.jobs.job import Job
from effexplorer.jobs.queue import JobQueue, open_queue

__all__ = ["Job", "JobQueue", "open_queue"]
