"""Ray itself: how a sweep reaches a cluster, asks things of it, and tells its errors."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from effexplorer import home, limits
from effexplorer.error_report import bug_sentence, failure_sentence
from effexplorer.errors import UserError
from effexplorer.records.events import Report, RunEvent

LOCAL = "local"
LOG = "ray.log"
LOST = (
    "run: its worker must reach the end of its work; the cluster lost it "
    f"{limits.CLUSTER_RETRIES + 1} times, often for lack of memory."
)


class Cluster:
    """A Ray cluster that this process is connected to.

    A stage takes ``threads`` cores and the share ``gpus`` of a GPU. ``ends`` is what leaving ends.
    """

    def __init__(self, ray: Any, ends: ExitStack, *, threads: int, gpus: float) -> None:
        self._ray, self._ends, self._threads, self.gpus = ray, ends, threads, gpus
        here = ray.get_runtime_context().get_node_id()
        near = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(here, soft=False)
        self.board = ray.remote(num_cpus=0)(_Board).options(scheduling_strategy=near).remote()
        self._remote: dict[Callable[..., Any], Any] = {}

    def room(self) -> int:
        """Return how many stages fit on the machines that are there now."""
        return room(self._ray.nodes(), self._threads, self.gpus)

    def put(self, value: Any) -> Any:
        """Return what stands for ``value`` on the cluster, where each machine fetches it once."""
        return self._ray.put(value)

    def send(self, function: Callable[..., Any], *values: Any) -> Any:
        """Let a worker call ``function``; return what stands for its answer."""
        if function not in self._remote:
            self._remote[function] = self._ray.remote(
                num_cpus=self._threads, num_gpus=self.gpus, max_retries=limits.CLUSTER_RETRIES
            )(function)
        return self._remote[function].remote(*values)

    def ended(self, sent: Sequence[Any], seconds: float) -> list[Any]:
        """Return which answers are there, after at most ``seconds``."""
        if not sent:
            time.sleep(seconds)
            return []
        ready, _ = self._ray.wait(sent, timeout=seconds)
        return self._ray.wait(sent, num_returns=len(sent), timeout=0)[0] if ready else []

    def fetch(self, sent: Any) -> tuple[Any, str]:
        """Return the answer that ``sent`` stands for, or None and why there is none."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(sent), ""
        except errors.RayTaskError as error:
            # What can be told in a sentence; for a bug, Ray's error holds the worker's traceback.
            expected = isinstance(error.cause, (UserError, MemoryError, OSError))
            return None, failure_sentence(error.cause if expected else error)
        except (errors.WorkerCrashedError, errors.ObjectLostError, errors.OutOfMemoryError):
            return None, LOST
        except errors.RayError as error:
            return None, bug_sentence(error)

    def events(self) -> list[tuple[int, dict[str, Any]]]:
        """Return what workers told since the last call: the index of a stage, and an event."""
        try:
            events: list[tuple[int, dict[str, Any]]] = self._ray.get(self.board.take.remote())
        except self._ray.exceptions.RayError:  # progress is lost, and nothing else
            return []
        return events

    def leave(self) -> None:
        """End what runs, and leave the cluster; a local one ends."""
        self._ends.close()


class _Board:
    """Where workers tell what happens and the sweep hears it; an actor on the sweep's machine."""

    def __init__(self) -> None:
        self._events: list[tuple[int, dict[str, Any]]] = []

    def tell(self, index: int, event: dict[str, Any]) -> None:
        self._events.append((index, event))

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        events, self._events = self._events, []
        return events


def teller(board: Any, index: int) -> Report:
    """Return the function with which the worker of stage ``index`` tells ``board`` of events."""
    import ray

    def tell(event: RunEvent) -> None:
        sent = board.tell.remote(index, event)
        if event["kind"] != "progress":  # the sweep hears it before the stage ends
            with contextlib.suppress(ray.exceptions.RayError):
                ray.get(sent)

    return tell


def connect(address: str, *, workers: int | None, threads: int, gpus: float | None) -> Cluster:
    """Return the cluster at ``address``; ``local`` starts one here for ``workers`` stages.

    Raises UserError when Ray is not installed, and when the cluster cannot be reached or has no
    machine that is large enough for a stage.
    """
    try:
        import ray
        import ray.util.scheduling_strategies
    except ImportError as error:
        raise UserError(
            "sweep: --ray must find Ray, which is an extra of this package; got none here. Install "
            "it with pip install 'effexplorer[ray]', in a checkout with pip install -r "
            "requirements-ray.txt."
        ) from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray").setLevel(logging.ERROR)
    options: dict[str, Any] = {"address": address}
    if address == LOCAL:
        options |= {"num_cpus": workers * threads if workers else max(threads, os.cpu_count() or 1)}
        options |= {"include_dashboard": False}
    else:
        _refuse_silent(address)
    with ExitStack() as ends:
        ends.enter_context(_ray_talks_to(home.home() / LOG))
        ends.callback(ray.shutdown)
        try:
            ray.init(
                **options,
                log_to_driver=False,
                logging_level=logging.ERROR,
                runtime_env=_environment(threads),
            )
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise _unusable(address, " ".join(str(error).split())[:200]) from error
        if gpus is None:
            gpus = limits.CLUSTER_GPU_SHARE if ray.cluster_resources().get("GPU") else 0.0
        if not room(ray.nodes(), threads, gpus):
            share = f" and {gpus:g} of a GPU" if gpus else ""
            raise _unusable(address, f"no machine with {threads} cores{share} for a stage")
        return Cluster(ray, ends.pop_all(), threads=threads, gpus=gpus)


def room(nodes: Sequence[dict[str, Any]], threads: int, gpus: float) -> int:
    """Return how many stages fit on ``nodes``, as ``ray.nodes`` describes them."""
    places = 0
    for node in nodes:
        if node["Alive"]:
            has = node["Resources"]
            stages = int(has.get("CPU", 0.0) / threads)
            if gpus:  # ten tenths are a whole GPU, whatever rounding says
                stages = min(stages, int(has.get("GPU", 0.0) / gpus + 1e-6))
            places += stages
    return places


@contextlib.contextmanager
def _ray_talks_to(path: Path) -> Iterator[None]:
    """Let what Ray prints of machines that come and go stand in a file: stdout is the sweep's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
        yield


def _environment(threads: int) -> dict[str, Any]:
    """Return what a worker process needs: this very code, and its share of the cores."""
    package = Path(__file__).parents[1]
    return {
        "py_modules": [str(package)],
        "excludes": ["precomputed/", "ui/", "__pycache__/"],
        "env_vars": {"OMP_NUM_THREADS": str(threads)},
    }


def _refuse_silent(address: str) -> None:
    """Raise UserError when nothing answers at ``address``: Ray itself would wait for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if address == "auto":
        return
    if not colon or not port.isdigit():
        raise _unusable(address, "no HOST:PORT")
    try:
        socket.create_connection((host.strip("[]"), int(port)), limits.HUB_TIMEOUT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unusable(address, getattr(error, "strerror", None) or "no answer") from error


def _unusable(address: str, reason: str) -> UserError:
    return UserError(
        "sweep: --ray must be local, auto or the HOST:PORT of a running Ray cluster; got "
        f"{address} ({reason.rstrip('.')})."
    )
