"""A Ray cluster as the workers of a sweep.

All state stays with the sweep: its stage cache and its records. A worker gets a stage's pipeline,
the weights, the data and the last stage before it; what it makes comes back. Ray begins a stage
again whose worker or machine is lost.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.source import files, locate
from effexplorer.pipeline import Pipeline
from effexplorer.records import provenance
from effexplorer.runner.file_bundle import Files, pack
from effexplorer.runner.identity import run_here, weights_of
from effexplorer.runner.stage_cache import StageCache, key_here
from effexplorer.sweep.ray_cluster import connect, teller
from effexplorer.sweep.remote_stage import (
    StageRequest,
    StageResult,
    make_requested_stage,
    save_result,
)
from effexplorer.sweep.scheduler import DONE, FAILED, PROGRESS, Event
from effexplorer.sweep.tree import Node
from effexplorer.tasks.data import TaskData, load_task

_BASES = 8  # stages sent once for all their children, which come soon after each other
_AGAIN = {"kind": "again"}  # told when a stage is begun once more


@dataclass
class _Running:
    """A stage on its way: its index, the line that shows it, and how often it was begun."""

    index: int
    node: Node
    place: int
    begun: int = 0


class RayPool:
    """Workers of ``threads`` cores each on the Ray cluster at ``address``, or a new ``local`` one.

    ``workers`` is the largest number of stages at a time, None as many as the cluster has room for,
    also when machines join it. ``gpus`` is the share of a GPU that each takes, None a quarter where
    there are any. Use it in a ``with`` statement: entering it connects, and leaving it ends what
    runs. Raises UserError when Ray is not installed or the cluster cannot be used.
    """

    def __init__(
        self,
        address: str,
        runs_folder: Path,
        *,
        workers: int | None,
        threads: int = 1,
        gpus: float | None = None,
    ) -> None:
        self._address, self._runs_folder = address, runs_folder
        self._workers, self._threads, self._gpus = workers, threads, gpus
        self._cache = StageCache(home.stages_folder())
        self._running: dict[Any, _Running] = {}
        self._waiting: list[Event] = []
        self._data: dict[tuple[str, int | None], tuple[TaskData, Any]] = {}
        self._weights: dict[str, Any] = {}
        self._bases: OrderedDict[str, Any] = OrderedDict()

    def __enter__(self) -> RayPool:
        self._cluster = connect(
            self._address, workers=self._workers, threads=self._threads, gpus=self._gpus
        )
        self._commit = provenance.commit()
        self._nothing = self._cluster.put({})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._cluster.leave()

    @property
    def free(self) -> int:
        """Return how many more stages the cluster has room for now."""
        room = self._cluster.room()
        most = room if self._workers is None else min(room, self._workers)
        return max(0, most - len(self._running))

    def begin(self, index: int, node: Node) -> None:
        """Send the stage ``node`` to the cluster, unless it is here and needs no record."""
        taken = {busy.place for busy in self._running.values()}
        place = next(number for number in range(len(taken) + 1) if number not in taken)
        try:
            data, data_there = self._loaded(node.pipeline)
            base, base_there = self._base(node, data)
            if base == key_here(node.pipeline, data.fingerprint) and not node.wanted:
                self._waiting.append(Event(_name(place), index, DONE))
                return
            request = StageRequest(node.pipeline.to_dict(), node.wanted, base, node.explored)
            names = list(dict.fromkeys(node.pipeline.models))
            weights = [self._staged(name) for name in names]
        except UserError as error:
            self._waiting.append(Event(_name(place), index, FAILED, sentence=str(error)))
            return
        tell = (self._cluster.board, index)
        sent = self._cluster.send(
            _on_worker, self._cluster.gpus, tell, request, data_there, base_there, names, *weights
        )
        self._running[sent] = _Running(index, node, place)

    def events(self, seconds: float) -> list[Event]:
        """Return what the workers told since the last call, after at most ``seconds``."""
        arrived, self._waiting = self._waiting, []
        ended = self._cluster.ended(list(self._running), 0.0 if arrived else seconds)
        return arrived + self._worker_events() + [self._outcome(sent) for sent in ended]

    def _worker_events(self) -> list[Event]:
        running = {request.index: request for request in self._running.values()}
        events = []
        for index, event in self._cluster.events():
            request = running.get(index)
            if request is None:
                continue
            request.begun += event["kind"] == "plan"
            if event["kind"] == "plan" and request.begun > 1:
                events.append(Event(_name(request.place), index, PROGRESS, _AGAIN))
            events.append(Event(_name(request.place), index, PROGRESS, event))
        return events

    def _outcome(self, sent: Any) -> Event:
        request = self._running.pop(sent)
        made, sentence = self._cluster.fetch(sent)
        if not sentence:
            try:
                self._bring_home(request.node, made)
            except UserError as error:
                sentence = str(error)
        kind = FAILED if sentence else DONE
        return Event(_name(request.place), request.index, kind, sentence=sentence)

    def _bring_home(self, node: Node, made: StageResult) -> None:
        """Keep what a worker made; the record names the sources as this machine has them."""
        if made.stage is not None:
            self._cache.keep_files(made.key, made.stage)
        if made.run:
            save_result(
                made.run,
                self._runs_folder,
                id=run_here(node.pipeline, self._runs_folder, explored=node.explored).id,
                weights=weights_of(node.pipeline),
                commit=self._commit,
            )

    def _loaded(self, pipeline: Pipeline) -> tuple[TaskData, Any]:
        """Return the data of ``pipeline``, and what stands for them on the cluster."""
        wanted = (pipeline.task, pipeline.train_examples)
        if wanted not in self._data:
            data = load_task(pipeline.task, train_examples=pipeline.train_examples)
            self._data[wanted] = (data, self._cluster.put(data))
        return self._data[wanted]

    def _staged(self, name: str) -> Any:
        """Return what stands on the cluster for the files of the model ``name``."""
        if "/" in name or name.startswith("."):
            raise UserError(
                "sweep: on a cluster a model must be one of the catalog or a folder in "
                f"EFFEXPLORER_MODEL_DIR; got {name}."
            )
        if name not in self._weights:
            self._weights[name] = self._cluster.put(pack(files(locate(find_model(name)))))
        return self._weights[name]

    def _base(self, node: Node, data: TaskData) -> tuple[str, Any]:
        """Return the name of the last stage of ``node`` that is here, and what stands for it.

        An empty name when there is none: the worker then makes all of them.
        """
        for length in range(len(node.pipeline.steps), -1, -1):
            prefix = node.pipeline.prefix(length)
            key = key_here(prefix, data.fingerprint, explored=node.explored)
            base = self._cache.find(key)
            if base is None:
                continue
            try:
                if key not in self._bases:
                    self._bases[key] = self._cluster.put(pack(base.folder.iterdir()))
            except OSError:  # it left the cache in between
                continue
            self._bases.move_to_end(key)
            while len(self._bases) > _BASES:
                self._bases.popitem(last=False)
            return key, self._bases[key]
        return "", self._nothing


def _name(place: int) -> str:
    return f"worker {place + 1}"


def _on_worker(
    gpus: float,
    tell: tuple[Any, int],
    request: StageRequest,
    data: TaskData,
    base: Files,
    names: list[str],
    *weights: Files,
) -> StageResult:
    """Make a requested stage in a process of the cluster; without a share of a GPU, on the CPU."""
    if not gpus:
        os.environ["EFFEXPLORER_DEVICE"] = "cpu"
    return make_requested_stage(
        request, data, base, dict(zip(names, weights, strict=True)), tell=teller(*tell)
    )
