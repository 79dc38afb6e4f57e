"""The Runs tab: every finished run in a table, some side by side, and all of it as files."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

from effexplorer import units
from effexplorer.analysis.groups import setting, students_of
from effexplorer.errors import UserError
from effexplorer.figures import mark
from effexplorer.jobs import JobQueue
from effexplorer.jobs.job import CANCELLED, FAILED
from effexplorer.records import export
from effexplorer.records.schema import COSTS
from effexplorer.records.store import HERE, Run, Store
from effexplorer.tasks.spec import TASKS
from effexplorer.ui.build.tab import read_owner
from effexplorer.ui.explore.view import read_id
from effexplorer.ui.runs.compare import compared, read_pins
from effexplorer.ui.runs.messages import Comparison, RunsRow, RunsState
from effexplorer.ui.shared.errors import return_errors
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.visibility import find_job


class RunsPanel(Panel):
    """The tab. Its script calls ``runs``, ``compare``, ``written`` and ``delete``.

    It tells ``open_run``.
    """

    script = "runs/runs"
    parts = (
        "shared/form",
        "shared/axes",
        "shared/terms",
        "shared/tile",
        "runs/search",
        "runs/table",
        "runs/changes",
        "runs/side_by_side",
        "runs/lines_chart",
        "runs/compare",
    )


def make_runs(store: Store, job_queue: JobQueue) -> RunsPanel:
    """Draw the tab into the Blocks at hand and return its panel."""

    @return_errors
    def runs(asked: Any) -> RunsState:
        owner = read_owner(_field(asked, "owner"))
        return runs_state(store, job_queue, owner, folded=bool(_field(asked, "folded")))

    @return_errors
    def compare(ids: Any) -> Comparison:
        return compared(store, read_pins(ids))

    @return_errors
    def written(kind: Any) -> dict[str, str]:
        return export.to_file(store.runs(), kind)

    @return_errors
    def delete(asked: Any) -> dict[str, Any]:
        id, owner = read_id(_field(asked, "id")), read_owner(_field(asked, "owner"))
        delete_run(store, job_queue, id, owner)
        return {"deleted": id}

    return RunsPanel(server=(runs, compare, written, delete), elem_id="runs")


def runs_state(store: Store, job_queue: JobQueue, owner: str, *, folded: bool = False) -> RunsState:
    """Return the table as plain JSON values, newest run first.

    ``folded`` makes one row of the runs that differ in their seed only. ``refused`` tells of a row
    that its run stays, and ``refusal`` why, with ID for the run's id.
    """
    runs = store.runs()[::-1]
    tasks = {run.record.task: _task(run) for run in runs}
    mine = {
        job.id
        for job in job_queue.jobs()
        if job.state not in (FAILED, CANCELLED) and job.may_cancel(owner)
    }
    return {
        "rows": folded_rows(runs) if folded else [_row(run, mine) for run in runs],
        "refusal": refusal("ID"),
        "tasks": sorted(tasks.items()),
        "problems": store.problems(),
    }


def folded_rows(runs: Sequence[Run]) -> list[RunsRow]:
    """Return a row for each set of ``runs`` that differ in their seed only, as means over them.

    The deviation is that of a sample; one run alone has none.
    """
    groups: dict[Any, list[Run]] = {}
    for run in runs:
        key = (setting(run.record), run.record.steps, students_of(run.record))
        groups.setdefault(key, []).append(run)
    return [_mean_row(members) for members in groups.values()]


def delete_run(store: Store, job_queue: JobQueue, id: str, owner: str) -> None:
    """Delete the run that this browser asked for; raises UserError for every other run."""
    run = store.find(id)
    if run and run.source == HERE and not _asked_here(job_queue, id, owner):
        raise UserError(refusal(id))
    store.delete(id)


def refusal(id: str) -> str:
    """Return why a run that another browser, or the command line, measured stays."""
    return (
        "delete: only the browser that asked for a run may; got another one, or a run of the "
        f"command line. On the machine itself: python -m effexplorer delete {id}"
    )


def _asked_here(job_queue: JobQueue, id: str, owner: str) -> bool:
    job = find_job(job_queue, id)
    return job is not None and job.may_cancel(owner)


def _row(run: Run, mine: set[str]) -> RunsRow:
    record, last = run.record, run.record.final
    costs = {axis: last.cost(axis) for axis in COSTS}
    cells = [units.percent(last.score), f"{last.score_low:.1f} to {last.score_high:.1f}"]
    row = _described([run], cells, last.score, costs)
    row["refused"] = run.source == HERE and record.id not in mine
    return row


def _mean_row(members: list[Run]) -> RunsRow:
    lasts = [run.record.final for run in members]
    scores = [last.score for last in lasts]
    mean = statistics.fmean(scores)
    costs = {axis: statistics.fmean(last.cost(axis) for last in lasts) for axis in COSTS}
    many = len(members) > 1
    cells = [units.percent(mean), f"sd {statistics.stdev(scores):.1f}" if many else "one seed"]
    row = _described(members, cells, mean, costs)
    row["seed"] = str(len(members))
    row["sort"]["seed"] = len(members)
    if many:
        row["which"] = f"{len(members)} seeds"
    return row


def _described(
    members: Sequence[Run], cells: list[str], score: float, costs: dict[str, float]
) -> RunsRow:
    """Return the row of a run, or of a mean over ``members``, newest first."""
    record = members[0].record
    examples = record.data.get("train_examples")
    sources = sorted({run.source for run in members})
    source = sources[0] if len(sources) == 1 else "both"
    here = source == HERE
    return {
        "ids": [run.record.id for run in members],
        "letters": record.letters,
        "mark": dataclasses.asdict(mark(record.letters, open=here)),
        "seeds": [str(run.record.seed) for run in members],
        "seed": str(record.seed),
        "which": f"seed {record.seed}",
        "steps": record.steps or "fine-tuned only",
        "task": _task(members[0]),
        "model": record.model,
        "score": cells,
        "costs": [units.cost(axis, value) for axis, value in costs.items()],
        "examples": f"{examples:,}" if examples else "all",
        "created": record.created[:16].replace("T", " "),
        "source": source,
        "exits": bool(record.final.exits),
        "refused": False,
        "sort": {
            **costs,
            "score": score,
            "created": record.created,
            "examples": examples or 0,
            "seed": record.seed,
        },
    }


def _task(run: Run) -> str:
    task = run.record.task
    return TASKS[task].title.partition(":")[0] if task in TASKS else task


def _field(data: Any, name: str) -> Any:
    """Return what the browser sent under ``name``, or None."""
    return data.get(name) if isinstance(data, dict) else None
