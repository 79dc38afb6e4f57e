"""The figures of a replay: shares of the hypervolume by stages, and the surrogate's calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from benchmarks.search.ours import Checked, guided
from benchmarks.search.replay import Replay, Spent
from benchmarks.search.table import Row
from effexplorer.analysis.statistics import paired_interval

_INTERVALS = {50: 0.6745, 90: 1.6449}  # percent, and deviations to each side


def curves(
    search: Callable[[Replay], None], rows: Sequence[Row], *, seeds: int, stages: int
) -> np.ndarray:
    """Return the shares ``(seeds, stages)`` that ``search`` reached after each stage's price."""
    price = max(row.sentences for row in rows if row.steps)
    shares = np.zeros((seeds, stages))
    for seed in range(seeds):
        replay = Replay(rows, seed, budget=price * stages)
        with suppress(Spent):
            search(replay)
        for at in range(stages):
            reached = [share for spent, share in replay.trace if spent <= price * (at + 1)]
            shares[seed, at] = max(reached, default=0.0)
    return shares


def calibration(rows: Sequence[Row], *, seeds: int, stages: int) -> str:
    """Return how often what was measured lay in the interval that had been predicted for it."""
    price = max(row.sentences for row in rows if row.steps)
    checked: list[Checked] = []
    for seed in range(seeds):
        with suppress(Spent):
            guided(Replay(rows, seed, budget=price * stages), checked)
    errors = np.array([trial.score - trial.forecast.score for trial in checked])
    spreads = np.hypot(
        [trial.forecast.deviation for trial in checked], [trial.forecast.noise for trial in checked]
    )
    inside = [
        f"{100 * np.mean(np.abs(errors) <= width * spreads):.0f} % in the {percent} % interval"
        for percent, width in _INTERVALS.items()
    ]
    return (
        f"Calibration: of {len(errors)} choices measured after they were predicted, "
        f"{' and '.join(inside)}; mean error {np.abs(errors).mean():.2f} points, "
        f"bias {errors.mean():+.2f}."
    )


def interval(values: np.ndarray) -> str:
    """Return a mean with half its 95 % interval, ``0.984±0.002``."""
    mean, low, _ = paired_interval(values.tolist())
    return f"{mean:.3f}±{mean - low:.3f}"


def stages_axis(by_name: dict[str, np.ndarray]) -> int:
    """Return how many stages the curves have."""
    return next(iter(by_name.values())).shape[1]
