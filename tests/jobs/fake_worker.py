"""A worker whose run is a stand-in: the pipeline's seed says what it does."""

import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from effexplorer import home
from effexplorer.errors import Cancelled, UserError
from effexplorer.jobs import worker
from effexplorer.pipeline import Pipeline

FINISH, REFUSE, BREAK, DIE, EXHAUST, IGNORE_CANCEL, WAIT = 0, 1, 2, 3, 4, 5, 100
RELEASE = "release"  # the file in the home folder that lets every run with a seed from WAIT on end


def sample_pipeline(seed=FINISH):
    """Return a pipeline that the stand-in runs in the way that ``seed`` says."""
    return Pipeline("minilm", "reviews", seed=seed, train_examples=16)


def run(pipeline, *, runs_folder, report, cancelled):
    report({"kind": "plan", "stages": [{"step": "dense", "sentences": 16}]})
    report({"kind": "stage", "index": 0, "step": "dense"})
    if pipeline.seed == REFUSE:
        raise UserError("reviews: must be nicer; got this.")
    if pipeline.seed == BREAK:
        raise ZeroDivisionError("a secret of the program")
    if pipeline.seed == DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    if pipeline.seed == EXHAUST:
        raise MemoryError
    while pipeline.seed == IGNORE_CANCEL:
        time.sleep(0.02)
    while pipeline.seed >= WAIT and not (home.home() / RELEASE).exists():
        if cancelled():
            raise Cancelled
        time.sleep(0.02)
    report({"kind": "progress", "index": 0, "done": 16, "total": 16, "loss": 0.5})
    runs_folder.mkdir(parents=True, exist_ok=True)
    (runs_folder / f"{pipeline.key}.json").write_text("{}")
    return SimpleNamespace(id=pipeline.key)


if __name__ == "__main__":
    sys.exit(worker.main(Path(sys.argv[1]), run))
