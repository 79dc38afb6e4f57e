"""A sweep on a real Ray cluster of two nodes on this machine, one of which is killed."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from effexplorer import home
from effexplorer.records.store import Store
from effexplorer.sweep.grid import read_grid
from effexplorer.sweep.scheduler import DONE, PROGRESS

GRID = """
models: [tiny]
seeds: [0, 1]
train_examples: 400
epochs: 12
pipelines:
  - steps: ""
  - steps: exit(epochs=1) > prune(epochs=1)
"""
STAGES = 6  # two dense models, and two operators on each


@pytest.fixture(scope="module")
def nodes():
    """Start two nodes of one core each, which know no model; give the cluster and the second."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # Ray leaves sockets and files of its own to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        patch.setenv("RAY_AUTH_MODE", "disabled")  # no token of the user's is read or made
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # else a busy machine lets these workers wait
        patch.delenv("EFFEXPLORER_MODEL_DIR", raising=False)
        from ray.cluster_utils import Cluster

        cluster = Cluster()
        cluster.add_node(num_cpus=1, include_dashboard=False)
        second = cluster.add_node(num_cpus=1)
        yield cluster, second
        cluster.shutdown()


def test_a_killed_node_costs_time_and_nothing_else(nodes, local_tiny_model, tmp_path):
    cluster, second = nodes
    grid = tmp_path / "grid.yaml"
    grid.write_text(GRID, "utf-8")
    command = [sys.executable, "-m", "tests.sweep.event_lines", "sweep", str(grid), "--json"]
    said, events, at_work, killed = [], [], set(), False
    with subprocess.Popen(  # noqa: S603
        [*command, "--ray", cluster.address],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as sweep:
        for line in sweep.stderr:
            said.append(line)
            if not line.startswith("{"):
                continue
            events.append(event := json.loads(line))
            progress = event["progress"]
            if progress.get("kind") == "progress" and 2 * progress["done"] < progress["total"]:
                at_work.add(event["index"])
            if event["kind"] != PROGRESS:
                at_work.discard(event["index"])
            if len(at_work) == 2 and not killed:  # a node has one core, so both are in the middle
                killed = True
                cluster.remove_node(second, allow_graceful=False)
        printed = sweep.stdout.read()
    assert killed and sweep.returncode == 0, said
    assert [event["progress"]["kind"] for event in events if event["progress"]].count("again") == 1
    assert sorted(one["index"] for one in events if one["kind"] == DONE) == list(range(STAGES))

    wanted = {pipeline.key for pipeline in read_grid(grid).pipelines}
    told = json.loads(printed)
    assert set(told["measured"]) == wanted and len(told["measured"]) == 4 and not told["failed"]
    store = Store({"here": home.runs_folder()})
    assert {run.record.id for run in store.runs()} == wanted and store.problems() == []
    assert len(list(home.runs_folder().glob("*.json"))) == 4
    assert len(list(home.stages_folder().glob("*/stages.json"))) == STAGES
    # The nodes knew no model, and the records tell of the one that was sent to them.
    assert {run.record.weights["source"] for run in store.runs()} == {"folder tiny"}
