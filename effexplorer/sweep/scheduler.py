"""The drive of a sweep: which stage goes to a worker next, and what a failure takes along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from effexplorer.pipeline import Pipeline
from effexplorer.sweep.tree import Node

PROGRESS, DONE, FAILED = "progress", "done", "failed"
_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Event:
    """What a worker tells: its name, the node's index, and what happened.

    ``kind`` is PROGRESS with the run's own event in ``progress``, DONE, or FAILED with
    ``sentence``.
    """

    worker: str
    index: int
    kind: str
    progress: dict[str, Any] = field(default_factory=dict)
    sentence: str = ""


class Pool(Protocol):
    """Workers that make stages: processes of this machine, or a cluster.

    ``free`` is how many more stages may be begun now: none at times, where machines come and go.
    ``begin`` starts one, whose parent is finished. ``events`` waits at most so many seconds for
    something to happen and returns it; with nothing begun it waits all of them.
    """

    @property
    def free(self) -> int: ...  # noqa: D102

    def begin(self, index: int, node: Node) -> None: ...  # noqa: D102

    def events(self, seconds: float) -> list[Event]: ...  # noqa: D102


@dataclass(frozen=True)
class Outcome:
    """How a sweep ended: what has a record now, and what failed with its sentence.

    A run whose beginning failed is among the failed ones.
    """

    finished: tuple[Pipeline, ...]
    failed: tuple[tuple[Pipeline, str], ...]


def sweep(
    nodes: Sequence[Node], pool: Pool, *, tell: Callable[[Event], None] = lambda event: None
) -> Outcome:
    """Make the stages ``nodes`` (see ``tree.plan``) on ``pool``; ``tell`` hears every event.

    A stage begins when its parent is done, the first in the list first. A stage that fails takes
    those behind it along, and nothing else.
    """
    waiting = {index: node for index, node in enumerate(nodes)}
    done: set[int] = set()
    lost: dict[int, str] = {}
    running: set[int] = set()
    while waiting or running:
        for index in _ready(waiting, done, lost, pool.free):
            running.add(index)
            pool.begin(index, waiting.pop(index))
        if not (waiting or running):
            break
        for event in pool.events(_LOOK_SECONDS):
            if event.kind == DONE:
                done.add(event.index)
            elif event.kind == FAILED:
                lost[event.index] = event.sentence
            if event.kind != PROGRESS:
                running.discard(event.index)
            tell(event)
    ends = {index: node.pipeline for index, node in enumerate(nodes) if node.wanted}
    return Outcome(
        finished=tuple(end for index, end in ends.items() if index in done),
        failed=tuple((end, lost[index]) for index, end in ends.items() if index in lost),
    )


def _ready(waiting: dict[int, Node], done: set[int], lost: dict[int, str], free: int) -> list[int]:
    """Return at most ``free`` indices that may begin; what stands behind a failure is lost too."""
    ready: list[int] = []
    for index, node in list(waiting.items()):
        if node.parent in lost:
            lost[index] = lost[node.parent]
            del waiting[index]
        elif len(ready) < free and (node.parent is None or node.parent in done):
            ready.append(index)
    return ready
