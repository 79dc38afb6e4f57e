"""Runs side by side: what each reached, its stages, its path, and what leaving early gives it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from effexplorer.analysis.exit_area import run_curve
from effexplorer.analysis.paired_runs import compare_runs, in_words
from effexplorer.analysis.training_sets import data_of
from effexplorer.errors import UserError, shown
from effexplorer.figures.points import timed_at
from effexplorer.records.schema import COSTS, Record
from effexplorer.records.store import Run, Store
from effexplorer.ui.explore.view import read_id
from effexplorer.ui.runs.changes import changed_sentences, differing
from effexplorer.ui.runs.messages import Beside, Comparison
from effexplorer.ui.shared.run_page import run_page

MOST = 4  # columns that can still be read side by side


def compared(store: Store, ids: Sequence[str]) -> Comparison:
    """Return the runs with these ids as the comparison shows them, in their order.

    An id that is not here is named in ``missing``. Scores are compared where ``one_task`` and
    ``one_data`` are true, latencies where ``one_place`` is: timed on one processor and engine.
    """
    runs = {run.record.id: run for run in store.runs()}
    known = [runs[id] for id in ids if id in runs]
    metrics = {(run.record.task, run.record.score_name) for run in known}
    return {
        "runs": [_beside(run, store.folders[run.source]) for run in known],
        "missing": [id for id in ids if id not in runs],
        "one_task": len(metrics) <= 1,
        "one_data": len({data_of(run) for run in known}) <= 1,
        "one_place": len({timed_at(run.record) for run in known}) <= 1,
        "differing": differing([run.record for run in known]),
        "paired": _paired(known, store),
        "changed": changed_sentences(known, store),
    }


def read_pins(data: Any) -> list[str]:
    """Return the ids of up to four different runs; raises UserError for anything else."""
    if not isinstance(data, list) or len(data) > MOST:
        got = len(data) if isinstance(data, list) else shown(data)
        raise UserError(f"compare: must be at most {MOST} runs; got {got}.")
    return list(dict.fromkeys(map(read_id, data)))


def _paired(runs: Sequence[Run], store: Store) -> list[str]:
    """Return how each run compares with the first on the same rows, where answers are kept."""
    sentences = []
    for run in runs[1:]:
        pair = [(each.record, store.folders[each.source]) for each in (runs[0], run)]
        if seen := compare_runs(*pair):
            words = in_words(seen, accuracy=run.record.score_name == "accuracy")
            names = " and ".join(f"{record.letters} (seed {record.seed})" for record, _ in pair)
            sentences.append(f"{names} on the same {seen.examples:,} rows: {words}")
    return sentences


def _beside(run: Run, folder: Path) -> Beside:
    record, last = run.record, run.record.final
    page = run_page(run)
    return {
        "id": record.id,
        "letters": record.letters,
        "mark": page["mark"],
        "subtitle": page["subtitle"],
        "steps": page["steps"],
        "source": page["source"],
        "tiles": page["tiles"],
        "stages": page["stages"],
        "seed": record.seed,
        "values": [last.score, *(last.cost(axis) for axis in COSTS)],
        "path": [[stage.bytes / 1e6, stage.score] for stage in record.stages],
        "macs": [last.macs / 1e6, last.score],
        "curve": _curve(record, folder),
    }


def _curve(record: Record, folder: Path) -> list[list[float]]:
    """Return million MACs and score at each threshold; empty where the table is not kept."""
    curve = run_curve(record, folder) if record.final.exits else None
    return np.column_stack([curve.macs / 1e6, curve.scores]).tolist() if curve else []
