import socket
import sys

import pytest

from effexplorer.errors import UserError
from effexplorer.sweep.ray_cluster import connect, room


def node(alive=True, **resources):
    return {"Alive": alive, "Resources": resources}


@pytest.mark.parametrize(
    ("nodes", "threads", "gpus", "stages"),
    [
        ([node(CPU=4.0)], 1, 0.0, 4),
        ([node(CPU=3.0), node(CPU=3.0)], 2, 0.0, 2),  # a stage does not span machines
        ([node(CPU=4.0), node(alive=False, CPU=4.0)], 1, 0.0, 4),
        ([node(CPU=16.0, GPU=1.0)], 1, 0.25, 4),
        ([node(CPU=16.0, GPU=1.0)], 1, 0.1, 10),
        ([node(CPU=2.0, GPU=1.0), node(CPU=64.0)], 1, 0.25, 2),
        ([node(memory=1.0)], 1, 0.0, 0),
        ([], 1, 0.0, 0),
    ],
)
def test_a_cluster_has_room_for_as_many_stages_as_fit_on_its_machines(nodes, threads, gpus, stages):
    assert room(nodes, threads, gpus) == stages


@pytest.fixture
def silent_port():
    """Give a port of this machine that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize(
    "address", ["nonsense", "127.0.0.1", "host:port", "ray://x", ":", "x:999999"]
)
def test_what_is_no_address_is_told(address):
    with pytest.raises(UserError, match=r"^sweep: --ray must be local, auto or the HOST:PORT of"):
        connect(address, workers=None, threads=1, gpus=None)


def test_a_cluster_that_does_not_answer_is_told_at_once(silent_port):
    with pytest.raises(UserError, match=r"got 127.0.0.1:\d+ \(Connection refused\)"):
        connect(f"127.0.0.1:{silent_port}", workers=None, threads=1, gpus=None)


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"pip install 'effexplorer\[ray\]'"):
        connect("local", workers=1, threads=1, gpus=None)
