import json
import signal

import pytest

from effexplorer import home, runner
from effexplorer.errors import UserError
from effexplorer.records.files import write_record
from effexplorer.sweep.grid import read_grid
from effexplorer.sweep.scheduler import DONE, PROGRESS, Event
from tests.builders import a_record, a_stage
from tests.sweep.builders import MadeUpPool

GRID = """
tasks: [sst2]
seeds: [0, 1]
train_examples: 20000
pipelines:
  - ordered_subsets: [distill, prune]
"""


class Pool(MadeUpPool):
    """A made-up pool with the arguments and manners of the real one."""

    made = None

    def __init__(self, workers, runs_folder, *, threads):
        super().__init__(workers, failing=Pool.failing)
        self.folder, self.threads = runs_folder, threads
        Pool.made = self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.left = True


@pytest.fixture(autouse=True)
def pool(monkeypatch):
    """Let a made-up pool do the work, on a machine that has everything."""
    monkeypatch.setattr(Pool, "failing", (), raising=False)
    monkeypatch.setattr(Pool, "made", None)
    monkeypatch.setattr("effexplorer.sweep.process_pool.ProcessPool", Pool)
    monkeypatch.setattr(runner, "check", lambda pipeline: [])
    return Pool


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(GRID, "utf-8")
    return path


def test_the_plan_tells_what_is_left_and_starts_nothing(command, grid, pool):
    code, printed, said = command("sweep", str(grid), "--plan", "--workers", "2")
    assert (code, printed) == (0, "")
    assert said == (
        "10 runs, of which 0 are there.\n"
        "Left: 10 runs, 2 models to fine-tune and 8 operators to apply (12 without sharing).\n"
        "400,000 training rows; no run here tells how long they take.\n"
    )
    assert pool.made is None


def test_the_plan_tells_the_time_by_runs_that_are_here(command, grid):
    write_record(a_record("distill > prune"), home.precomputed_folder() / "runs")
    _, _, said = command("sweep", str(grid), "--plan", "--workers", "2")
    last = said.splitlines()[-1]
    assert last.startswith("400,000 training rows; ") and last.endswith(" on 2.")
    _, _, said = command("sweep", str(grid), "--plan", "--workers", "1")
    assert said.endswith(" of one worker's time.\n")


def test_illegal_orders_are_told(command, tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("pipelines: [{orders: [drop(start=pretrained), prune]}]", "utf-8")
    _, _, said = command("sweep", str(path), "--plan")
    assert "Left out: 1 illegal order, such as prune > drop(start=pretrained): drop: start" in said


@pytest.mark.parametrize(("threads", "workers"), [(1, 8), (3, 2), (16, 1)])
def test_as_many_workers_as_there_are_cores_for(command, grid, pool, monkeypatch, threads, workers):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert command("sweep", str(grid), "--threads", str(threads))[0] == 0
    assert (pool.made.workers, pool.made.threads) == (workers, threads)


def test_a_sweep_makes_every_stage_and_tells_how_far_it_is(command, grid, pool):
    code, _, said = command("sweep", str(grid), "--workers", "3", "--threads", "2")
    assert code == 0
    assert (pool.made.workers, pool.made.threads) == (3, 2)
    assert pool.made.folder == home.runs_folder() and pool.made.left
    assert len(pool.made.begun) == 10
    assert "\n10 of 10, one: sst2, seed 1, prune > distill: " in said
    assert said.endswith("10 runs measured.\n")


def test_finished_runs_are_left_as_they_are(command, grid, pool):
    every = read_grid(grid).pipelines
    for record in (a_record("prune"), a_record("prune > distill"), a_record(seed=1)):
        assert record.id in {one.key for one in every}
        write_record(record, home.runs_folder())
    code, printed, said = command("sweep", str(grid), "--json")
    assert code == 0 and said.startswith("10 runs, of which 3 are there.\n")
    told = json.loads(printed)
    assert told["runs"] == [one.key for one in every]
    assert len(told["measured"]) == 7 and told["failed"] == {}
    assert a_record("prune").id not in told["measured"]


def test_nothing_is_begun_when_every_run_is_there(command, grid, pool, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    for pipeline in read_grid(grid).pipelines:
        (folder / f"{pipeline.key}.json").touch()
    code, printed, said = command("sweep", str(grid), "--out", str(folder), "--json")
    assert code == 0 and pool.made is None
    assert said == "10 runs, of which 10 are there.\n"
    assert json.loads(printed)["measured"] == []


def test_records_go_where_they_are_told_to(command, grid, pool, tmp_path):
    command("sweep", str(grid), "--out", str(tmp_path / "out"))
    assert pool.made.folder == tmp_path / "out" and pool.made.folder.is_dir()


def test_a_failing_run_is_named_at_the_end_and_the_rest_goes_on(command, grid, pool, monkeypatch):
    monkeypatch.setattr(pool, "failing", ("prune > distill",))
    code, printed, said = command("sweep", str(grid), "--json")
    assert code == 1
    assert said.endswith(
        "Failed: minilm on sst2, seed 0, prune > distill: Why.\n"
        "Failed: minilm on sst2, seed 1, prune > distill: Why.\n"
        "8 runs measured.\n"
    )
    failed = [
        pipeline.key for pipeline in read_grid(grid).pipelines if str(pipeline) == "prune > distill"
    ]
    assert json.loads(printed)["failed"] == dict.fromkeys(failed, "Why.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--workers", "0"], "sweep: workers must be a whole number from 1 to 256; got 0."),
        (["--workers", "two"], "sweep: workers must be a whole number from 1 to 256; got two."),
        (["--threads", "-1"], "sweep: threads must be a whole number from 1 to 256; got -1."),
        (["--ray", "local", "--gpus", "2"], "sweep: gpus must be a number from 0 to 1; got 2."),
        (["--ray", "local", "--gpus", "nan"], "sweep: gpus must be a number from 0 to 1; got nan."),
        (["--gpus", "1"], "sweep: gpus must stand with --ray; worker processes share one GPU."),
    ],
    ids=" ".join,
)
def test_bad_options_are_told_in_a_sentence(command, grid, arguments, said):
    assert command("sweep", str(grid), *arguments) == (2, "", f"{said}\n")


def test_a_bad_grid_is_told_in_a_sentence(command, tmp_path):
    code, _, said = command("sweep", str(tmp_path / "none.yaml"))
    assert code == 2 and said.startswith("grid: must be a YAML file; got ")


def test_what_cannot_be_had_is_told_once_before_any_work(command, grid, pool, monkeypatch):
    monkeypatch.setattr(runner, "check", lambda one: [f"{one.task}: data must be here."])
    code, _, said = command("sweep", str(grid))
    assert code == 2 and said.splitlines()[-1] == "sst2: data must be here."
    assert said.count("data must be here") == 1 and pool.made is None


def test_a_folder_that_cannot_be_written_is_told(command, grid, pool, tmp_path):
    (tmp_path / "out").touch()
    code, _, said = command("sweep", str(grid), "--out", str(tmp_path / "out"))
    assert code == 2 and "out: must be a folder; got " in said and pool.made is None


def test_sigterm_is_heard_as_ctrl_c_and_its_handler_is_put_back(command, grid, pool, monkeypatch):
    def stop(self, seconds):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(pool, "events", stop)
    before = signal.getsignal(signal.SIGTERM)
    code, _, said = command("sweep", str(grid))
    assert code == 130 and pool.made.left
    assert said.endswith(
        "What is finished is kept: the same command goes on from there.\n"
        "effexplorer: stopped by Ctrl-C.\n"
    )
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_cluster_gets_what_was_asked_for(command, grid, monkeypatch):
    asked = {}

    class Cluster(Pool):
        def __init__(self, address, runs_folder, *, workers, threads, gpus):
            asked.update(address=address, workers=workers, threads=threads, gpus=gpus)
            raise UserError("sweep: not here.")

    monkeypatch.setattr("effexplorer.sweep.ray_pool.RayPool", Cluster)
    code, _, said = command("sweep", str(grid), "--ray", "10.0.0.1:6379", "--gpus", "0.5")
    assert code == 2 and said.endswith("sweep: not here.\n")
    assert asked == {"address": "10.0.0.1:6379", "workers": None, "threads": 1, "gpus": 0.5}
    command("sweep", str(grid), "--ray", "local", "--workers", "3")
    assert asked == {"address": "local", "workers": 3, "threads": 1, "gpus": None}


def test_a_line_tells_the_score_of_a_stage_and_that_it_was_begun_again(command, grid, monkeypatch):
    def events(self, seconds):
        (index, _) = self.running.pop(0)
        stage = vars(a_stage(score=81.25))
        told = ({"kind": "again"}, {"kind": "measured", "index": 0, "stage": stage})
        return [
            *(Event("one", index, PROGRESS, one) for one in told),
            Event("one", index, DONE),
        ]

    monkeypatch.setattr(Pool, "events", events)
    _, _, said = command("sweep", str(grid), "--workers", "1")
    again = "one: sst2, seed 0, dense: begun again, since its worker was lost.\n"
    assert f"{again}1 of 10, one: sst2, seed 0, dense: 81.2 %\n" in said
