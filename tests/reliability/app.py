"""Stands for the app: asks for two runs of the stand-in worker and sleeps until it is killed."""

import sys
import time
from pathlib import Path

from effexplorer.jobs import JobQueue
from tests.jobs.fake_worker import WAIT, sample_pipeline

job_queue = JobQueue(Path(sys.argv[1]), command=(sys.executable, "-m", "tests.jobs.fake_worker"))
for i in range(2):
    print(job_queue.submit(sample_pipeline(WAIT + i), "me").id, flush=True)
time.sleep(600)
