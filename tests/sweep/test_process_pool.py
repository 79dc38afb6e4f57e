"""Worker processes as they really are, on a tiny random model."""

import dataclasses
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from effexplorer import home, runner
from effexplorer.records.files import read_record
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX
from effexplorer.sweep.process_pool import DIED, ProcessPool
from effexplorer.sweep.scheduler import DONE, FAILED, PROGRESS, sweep
from effexplorer.sweep.tree import plan

CLOCK = ("seconds", "latency_ms", "latency_p95_ms", "kernel_ratio", "reused")


def undone(pipeline) -> bool:
    return False


def timeless(record) -> dict:
    """Return what two makings of a run must have in common."""
    plain = dataclasses.asdict(record)
    del plain["created"]
    for stage in plain["stages"]:
        for name in CLOCK:
            del stage[name]
        stage["operating"].pop("latency_ms", None)
    return plain


def test_workers_measure_what_one_run_after_the_other_measures(tiny_grid, tmp_path, monkeypatch):
    grid = tiny_grid([{"subsets": ["exit", "quantize(mode=aware)"]}])
    nodes, told = plan(grid.pipelines, undone), []
    with ProcessPool(2, tmp_path / "swept") as pool:
        outcome = sweep(nodes, pool, tell=told.append)
    assert multiprocessing.active_children() == []
    assert set(outcome.finished) == set(grid.pipelines) and outcome.failed == ()
    assert sorted(one.index for one in told if one.kind == DONE) == list(range(len(nodes)))
    assert {one.worker for one in told} == {"worker 1", "worker 2"}
    kinds = {one.progress["kind"] for one in told if one.kind == PROGRESS}
    assert kinds == {"plan", "stage", "progress", "measured"}

    monkeypatch.setenv("EFFEXPLORER_HOME", str(tmp_path / "other"))
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    for pipeline in grid.pipelines:
        alone = runner.run(pipeline, runs_folder=tmp_path / "alone")
        swept = read_record(tmp_path / "swept" / f"{pipeline.key}.json")
        assert timeless(swept) == timeless(alone)
        assert [stage.reused for stage in swept.stages[:-1]] == [True] * len(pipeline.steps)
        assert not swept.final.reused
    names = {one.name for one in (tmp_path / "swept").iterdir()}
    assert names == {one.name for one in (tmp_path / "alone").iterdir()}
    assert sum(name.endswith(EXIT_TABLE_SUFFIX) for name in names) == 2
    assert sum(name.endswith(ANSWERS) for name in names) == len(grid.pipelines)


def test_a_killed_worker_fails_its_stage_and_is_replaced(tiny_grid, tmp_path):
    grid = tiny_grid([{"steps": "exit"}], seeds=[0, 1], train_examples=400, epochs=1)
    killed = []

    def kill(event):
        if event.kind == PROGRESS and event.progress["kind"] == "progress" and not killed:
            (worker,) = multiprocessing.active_children()
            killed.append(event.index)
            os.kill(worker.pid, signal.SIGKILL)

    nodes, told = plan(grid.pipelines, undone), []
    with ProcessPool(1, tmp_path) as pool:
        outcome = sweep(nodes, pool, tell=lambda event: (kill(event), told.append(event)))
    assert outcome.failed == ((grid.pipelines[0], DIED),)
    assert outcome.finished == (grid.pipelines[1],)
    assert [event.index for event in told if event.kind == FAILED] == killed == [0]
    assert [one.name for one in tmp_path.glob("*.json")] == [f"{grid.pipelines[1].key}.json"]


def test_a_stage_that_cannot_be_made_tells_why(tiny_grid, tmp_path):
    grid = tiny_grid([{"steps": ""}], train_examples={"reviews": 900_000})
    nodes = plan(grid.pipelines, undone)
    with ProcessPool(1, tmp_path) as pool:
        ((_, said),) = sweep(nodes, pool).failed
    assert said.startswith("reviews: train_examples must be between 1 and")


GRID = """
models: [tiny]
seeds: [0, 1]
train_examples: 200
epochs: 2
pipelines:
  - steps: ""
  - steps: exit
  - steps: exit > prune
"""
COMMAND = [sys.executable, "-m", "effexplorer", "sweep", "grid.yaml", "--workers", "1"]


@pytest.fixture
def grid_folder(local_tiny_model, tmp_path) -> Path:
    (tmp_path / "grid.yaml").write_text(GRID, "utf-8")
    return tmp_path


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


def written(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return time and content of every record and of every stage's measurements."""
    paths = [*folder.glob("runs/*.json"), *folder.glob("stages/*/stages.json")]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody asks after any more has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def started(folder: Path, until: str) -> tuple[subprocess.Popen, list[int]]:
    """Start the sweep, wait for the line that begins so, and return it with its processes."""
    run = subprocess.Popen(  # noqa: S603
        COMMAND,
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in run.stderr:
        if line.startswith(until):
            break
    return run, children(run.pid)


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 60
    while not all(map(gone, pids)):
        assert time.monotonic() < deadline, "a worker outlives its sweep"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks the kernel for the processes")
def test_a_sweep_that_is_killed_goes_on_where_it_stopped(grid_folder):
    run, workers = started(grid_folder, "3 of 6")
    with run:
        run.kill()
    assert workers
    wait_until_gone(workers)
    before = written(home.home())
    assert sum("runs" in path for path in before) >= 3

    done = subprocess.run(  # noqa: S603
        [*COMMAND, "--json"],
        cwd=grid_folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    after = written(home.home())
    assert {path: after[path] for path in before} == before
    assert len([path for path in after if "/runs/" in path]) == 6
    told = json.loads(done.stdout)
    there = sum("/runs/" in path for path in before)
    assert done.stderr.startswith(f"6 runs, of which {there} are there.\n")
    assert done.stderr.endswith(f"{6 - there} runs measured.\n")
    assert len(told["runs"]) == 6 and len(told["measured"]) == 6 - there and not told["failed"]


def test_ctrl_c_ends_a_sweep_and_its_workers_quietly(grid_folder):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    run, workers = started(grid_folder, "1 of 6")
    with run:
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does, to the workers too
        said = run.stderr.read()
    assert run.returncode == 130
    *lines, kept, stopped = said.splitlines()
    assert all(" of 6, worker 1: reviews, " in line for line in lines), said
    assert kept == "What is finished is kept: the same command goes on from there."
    assert stopped == "effexplorer: stopped by Ctrl-C."
    wait_until_gone(workers)
