"""The Orders tab: every order of a set of operators, what each reaches, and whether it matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from effexplorer.analysis.exit_area import run_curve
from effexplorer.analysis.groups import Group, Order, group
from effexplorer.errors import UserError, shown
from effexplorer.exits.curve import Curve
from effexplorer.jobs import JobQueue
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import Run, Store
from effexplorer.ui.build.tab import start
from effexplorer.ui.orders.cards import cards, question
from effexplorer.ui.orders.choice import focused, read_choice
from effexplorer.ui.orders.messages import OrdersState
from effexplorer.ui.orders.state import Job, orders_state
from effexplorer.ui.shared.errors import return_errors
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.visibility import find_job


class OrdersPanel(Panel):
    """The tab. Its script calls ``look(choice)`` and ``queue(order)``, and tells ``open_run``."""

    script = "orders/orders"
    parts = (
        "shared/form",
        "shared/axes",
        "shared/terms",
        "orders/strip",
        "orders/plane",
        "orders/verdict_cards",
    )


def make_orders(store: Store, job_queue: JobQueue) -> OrdersPanel:
    """Draw the tab into the Blocks at hand and return its panel."""

    @return_errors
    def look(choice: Any) -> OrdersState:
        runs = store.runs()
        groups = group(run.record for run in runs)
        asked, among = focused(read_choice(choice), groups)
        verdicts = cards(question(among, asked.operators, exit_curves(among, runs, store.folders)))
        state = orders_state(asked, among, groups, runs, lambda id: job_of(job_queue, id))
        return {**state, "cards": verdicts}

    @return_errors
    def queue(asked: Any) -> dict[str, Any]:
        plan = read_order(asked, store.runs())
        id, state = start(store, job_queue, plan.to_dict(), asked.get("owner"))
        return {"id": id, "mine": bool(state and state["mine"])}

    return OrdersPanel(server=(look, queue), elem_id="orders")


def read_order(asked: Any, runs: Sequence[Run]) -> Pipeline:
    """Return the pipeline of ``{"choice", "order", "seed"}`` as a browser asks for it.

    Training data and epochs are those of the runs that the choice is about. Raises UserError.
    """
    order = asked.get("order") if isinstance(asked, dict) else None
    if not isinstance(order, list) or not all(isinstance(step, str) for step in order):
        raise UserError(f"order: must be a list of steps; got {shown(order)}.")
    choice, among = focused(read_choice(asked.get("choice")), group(run.record for run in runs))
    return Pipeline(
        choice.model,
        choice.task,
        parse_steps(" > ".join(order)),
        seed=asked.get("seed", 0),
        train_examples=among.setting.examples,
        epochs=among.setting.epochs,
        max_length=among.setting.max_length,
    )


def job_of(job_queue: JobQueue, id: str) -> Job | None:
    """Return what a row tells of a run that is not finished: its state and place in the queue."""
    job = find_job(job_queue, id)
    if job is None:
        return None
    return {"state": job.state, "place": job_queue.place(id), "failure": job.progress().failure}


def exit_curves(
    among: Group, runs: Sequence[Run], folders: Mapping[str, Path]
) -> Callable[[Order], dict[int, Curve]]:
    """Return what gives an order's exit curves by seed, of the runs whose tables are kept."""
    source = {run.record.id: folders[run.source] for run in runs}

    def curves(order: Order) -> dict[int, Curve]:
        by_seed = {
            seed: run_curve(record, source[record.id]) for seed, record in among.runs[order].items()
        }
        return {seed: curve for seed, curve in by_seed.items() if curve is not None}

    return curves
