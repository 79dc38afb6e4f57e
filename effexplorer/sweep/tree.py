"""The tree of a sweep: pipelines that begin alike share the stages that they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from effexplorer.pipeline import Pipeline


@dataclass(frozen=True)
class Node:
    """A stage to be made: the last step of ``pipeline``, or its dense model.

    ``parent`` is the index in the tree of the node before it, None for a dense model; ``wanted``
    tells whether the sweep asks for this very pipeline, so that it gets a record. ``explored`` has
    the stage measured on held-out rows, see ``runner.run``.
    """

    pipeline: Pipeline
    parent: int | None
    wanted: bool
    explored: bool = False


def plan(pipelines: Sequence[Pipeline], done: Callable[[Pipeline], bool]) -> list[Node]:
    """Return the stages that ``pipelines`` still need, each once, every node after its parent.

    ``done`` tells which pipelines have their record; stages that lead to nothing else are left
    out. The order is depth first, so that a bounded cache holds what comes next.
    """
    asked = {pipeline for pipeline in pipelines if not done(pipeline)}
    children: dict[Pipeline | None, dict[Pipeline, None]] = {}
    for pipeline in pipelines:
        if pipeline in asked:
            for length in range(len(pipeline.steps) + 1):
                before = pipeline.prefix(length - 1) if length else None
                children.setdefault(before, {})[pipeline.prefix(length)] = None
    nodes: list[Node] = []

    def visit(pipeline: Pipeline, parent: int | None) -> None:
        nodes.append(Node(pipeline, parent, pipeline in asked))
        here = len(nodes) - 1
        for child in children.get(pipeline, ()):
            visit(child, here)

    for root in children.get(None, ()):
        visit(root, None)
    return nodes


def applications(pipelines: Iterable[Pipeline]) -> int:
    """Return the operators that ``pipelines`` would apply if none shared anything."""
    return sum(len(pipeline.steps) for pipeline in pipelines)
