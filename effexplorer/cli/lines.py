"""How a sweep is shown: one progress line per worker on a terminal, else a line per stage."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO, cast

from effexplorer import units
from effexplorer.records.events import RunEvent
from effexplorer.runner.progress import Progress
from effexplorer.sweep.scheduler import DONE, FAILED, PROGRESS, Event
from effexplorer.sweep.tree import Node

AGAIN = "begun again, since its worker was lost."


@contextmanager
def open_lines(
    nodes: Sequence[Node], stream: TextIO | None = None
) -> Iterator[Callable[[Event], None]]:
    """Give the function that shows a sweep's events on ``stream`` (stderr by default)."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Plain(nodes, stream)
        return
    lines = _Bars(nodes, stream)
    try:
        yield lines
    finally:
        lines.close()


class _Plain:
    """A line for each stage that ended, with its score and how far the whole sweep is."""

    def __init__(self, nodes: Sequence[Node], stream: TextIO) -> None:
        self._nodes, self._stream = nodes, stream
        self._ended = 0
        self._scores: dict[int, str] = {}

    def __call__(self, event: Event) -> None:
        name = stage_name(self._nodes[event.index])
        if event.kind == PROGRESS:
            if event.progress["kind"] == "measured":
                self._scores[event.index] = units.percent(event.progress["stage"]["score"])
            if event.progress["kind"] == "again":
                print(f"{event.worker}: {name}: {AGAIN}", file=self._stream, flush=True)
            return
        self._ended += 1
        score = self._scores.pop(event.index, "kept from earlier")
        said = score if event.kind == DONE else event.sentence
        place = f"{self._ended} of {len(self._nodes)}"
        print(f"{place}, {event.worker}: {name}: {said}", file=self._stream, flush=True)


class _Bars:
    """A bar for the whole sweep, and below it one for each worker."""

    def __init__(self, nodes: Sequence[Node], stream: TextIO) -> None:
        from tqdm import tqdm

        self._tqdm, self._nodes, self._stream = tqdm, nodes, stream
        shape = "{desc}: {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} stages [{elapsed}]"
        self._whole = tqdm(total=len(nodes), desc="sweep", file=stream, bar_format=shape)
        self._bars: dict[str, Any] = {}
        self._progress: dict[str, Progress] = {}

    def __call__(self, event: Event) -> None:
        bar = self._bars.get(event.worker)
        if bar is None:
            shape = "{desc} {bar:12} {postfix}"
            bar = self._bars[event.worker] = self._tqdm(
                total=1.0, position=len(self._bars) + 1, file=self._stream, bar_format=shape
            )
        name = stage_name(self._nodes[event.index])
        if event.kind == PROGRESS:
            if event.progress["kind"] == "again":
                self._progress.pop(event.worker, None)
                self._whole.write(f"{event.worker}: {name}: {AGAIN}", file=self._stream)
            before = self._progress.get(event.worker, Progress())
            timed = cast(RunEvent, event.progress | {"time": time.time()})
            self._progress[event.worker] = progress = before.after([timed])
            bar.n = progress.fraction
            bar.set_postfix_str(progress.detail, refresh=False)
        else:
            self._progress.pop(event.worker, None)
            bar.n = 0.0
            self._whole.update()
            if event.kind == FAILED:
                self._whole.write(f"Failed: {name}: {event.sentence}", file=self._stream)
        bar.set_description_str(f"{event.worker}: {name}")

    def close(self) -> None:
        """Leave the terminal as it was."""
        for bar in (*self._bars.values(), self._whole):
            bar.close()


def stage_name(node: Node) -> str:
    """Return a stage in words, ``"sst2, seed 1, distill > prune"``."""
    pipeline = node.pipeline
    return f"{pipeline.task}, seed {pipeline.seed}, {str(pipeline) or 'dense'}"
