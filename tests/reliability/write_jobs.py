"""Asks for runs of one folder until it is killed; prints each id once it waits in the queue."""

import itertools
import sys
from pathlib import Path

from effexplorer import limits
from effexplorer.jobs import JobQueue
from tests.jobs.fake_worker import sample_pipeline

limits.MAX_QUEUED_JOBS = 1_000_000
folder, attempt = Path(sys.argv[1]), int(sys.argv[2])
job_queue = JobQueue(folder, workers=0)
for i in itertools.count():
    owner = f"browser {attempt} {i}"  # one browser may have a few runs waiting only
    print(job_queue.submit(sample_pipeline(seed=attempt * 100_000 + i), owner).id)
