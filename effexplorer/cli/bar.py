"""How a run is shown while it goes on: a bar on a terminal, else a line per stage, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from effexplorer import units
from effexplorer.records.events import Report, RunEvent
from effexplorer.runner.progress import Progress


@contextmanager
def open_bar(stream: TextIO | None = None) -> Iterator[Report]:
    """Give the function that shows a run's events on ``stream`` (stderr by default)."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Lines(stream)
        return
    from tqdm import tqdm

    # A bar of one width, and what changes at the end: nothing jumps.
    shape = (
        "{desc}: {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]{postfix}"
    )
    with tqdm(file=stream, bar_format=shape, dynamic_ncols=True, leave=False) as bar:
        yield _Bar(bar)


class _Lines:
    """A line when a stage starts, when it is measured, and for each note."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress = Progress()

    def __call__(self, event: RunEvent) -> None:
        self._progress = self._progress.after([event])
        line = _line(event, self._progress)
        if line:
            print(line, file=self._stream, flush=True)


class _Bar:
    """A tqdm bar over all training rows, with the lines above it."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._progress = Progress()

    def __call__(self, event: RunEvent) -> None:
        self._progress = progress = self._progress.after([event])
        line = _line(event, progress)
        if line:
            self._bar.write(line, file=self._bar.fp)
        self._bar.total = progress.sentences
        self._bar.set_description_str(progress.step, refresh=False)
        self._bar.set_postfix_str(progress.detail, refresh=False)
        self._bar.n = round(progress.fraction * progress.sentences)
        self._bar.refresh()


def _line(event: RunEvent, progress: Progress) -> str:
    """Return what a person is told of ``event``, or ``""``."""
    if event["kind"] == "stage":
        return progress.text
    if event["kind"] == "note":
        return str(event["text"])
    if event["kind"] == "measured":
        stage = event["stage"]
        score, size = units.percent(stage["score"]), units.megabytes(stage["bytes"])
        cached = " (from the cache)" if stage["reused"] else ""
        return f"  {stage['step']}: {score}, {size}{cached}"
    return ""
