"""What the Orders tab shows of a set of operators, as plain JSON values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from effexplorer import limits, units
from effexplorer.analysis.cumulativeness import predict
from effexplorer.analysis.groups import Group, Order, as_chosen
from effexplorer.analysis.orders import all_orders, legal_orders
from effexplorer.analysis.verdict import MARGIN
from effexplorer.figures import mark
from effexplorer.figures.axes import cost_title, scale_of, score_title
from effexplorer.figures.orders import cost_of, paths, score_of
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.schema import Record
from effexplorer.records.store import Run
from effexplorer.runner.estimate import estimate
from effexplorer.ui.orders.cards import UNCHECKED
from effexplorer.ui.orders.choice import Choice, letter, letters
from effexplorer.ui.orders.messages import OrderRow, OrderScores, OrdersState
from effexplorer.ui.orders.options import options, sorted_letters

Job = dict[str, Any]


def orders_state(
    choice: Choice,
    among: Group,
    groups: Sequence[Group],
    runs: Sequence[Run],
    job: Callable[[str], Job | None],
) -> OrdersState:
    """Return what is shown of ``choice`` and ``among``, which ``focused`` filled and found.

    ``among`` is one of ``groups``, or an empty one; ``runs`` are all finished ones; ``job`` tells
    of a run that is not, by its id, or None.
    """
    runs_of = {order: among.runs[order] for order in among.orders(choice.operators)}
    rows = _rows(choice, among, runs_of, job)
    return {
        "choice": choice.to_dict(),
        "letters": sorted_letters(choice.operators),
        "options": options(choice, among, groups, runs),
        "rows": rows,
        "illegal": _illegal(choice),
        "dense": _dense(runs_of, among),
        "predicted": _predicted(choice, among, runs_of),
        "margin": MARGIN,
        "exits": any(
            record.final.exits for by_seed in runs_of.values() for record in by_seed.values()
        ),
        "score": score_title([run for run in runs if run.record.task == choice.task][:1]),
        "cost": cost_title(choice.cost),
        "takes": _takes(choice, among, rows, runs),
        "unchecked": UNCHECKED,
    }


def _rows(
    choice: Choice, among: Group, runs_of: dict[Order, Any], job: Callable[[str], Job | None]
) -> list[OrderRow]:
    """Return a row for each order that was run or could be, the best mean first.

    Of the seeds that an order lacks, the lowest are listed.
    """
    ways = paths(runs_of, choice.cost, early=choice.early)
    there = {as_chosen(order, choice.operators) for order in runs_of}
    legal = legal_orders(choice.model, choice.operators)
    others = [order for order in legal if as_chosen(order, choice.operators) not in there]
    seeds = sorted({seed for by_seed in runs_of.values() for seed in by_seed}) or [0]
    rows: list[OrderRow] = []
    for order in [*runs_of, *others]:
        by_seed = runs_of.get(order, {})
        first = dataclasses.asdict(mark(letter(order[0])))
        unrun = [seed for seed in seeds if seed not in by_seed] if order in legal else []
        rows.append(
            {
                "order": list(order),
                "letters": letters(order),
                "mark": first,
                "missing": [
                    _unrun(choice, among, order, seed, job)
                    for seed in unrun[: limits.MAX_MISSING_SEEDS]
                ],
                "path": [[stop.letter, stop.cost, stop.score] for stop in ways.get(order, ())],
                **_measured(by_seed, early=choice.early),
            }
        )
    return sorted(rows, key=lambda row: (-(row["mean"] or -math.inf), row["letters"]))


def _measured(by_seed: dict[int, Record], *, early: bool) -> OrderScores:
    if not by_seed:
        return {"mean": None, "seeds": [], "score": "", "size": "", "macs": ""}
    last = [by_seed[seed].final for seed in sorted(by_seed)]
    scores = [score_of(stage, early=early) for stage in last]
    macs = [cost_of(stage, "macs", early=early) * scale_of("macs") for stage in last]
    return {
        "mean": fmean(scores),
        "seeds": [
            {"seed": seed, "score": score, "text": units.percent(score), "id": by_seed[seed].id}
            for seed, score in zip(sorted(by_seed), scores, strict=True)
        ],
        "score": units.percent(fmean(scores)),
        "size": units.megabytes(fmean(stage.bytes for stage in last)),
        "macs": units.count(fmean(macs)),
    }


def _unrun(
    choice: Choice, among: Group, order: Order, seed: int, job: Callable[[str], Job | None]
) -> dict[str, Any]:
    id = _plan(choice, among, order, seed).key
    return {"seed": seed, "id": id, "job": job(id)}


def _plan(choice: Choice, among: Group, order: Iterable[str], seed: int) -> Pipeline:
    return Pipeline(
        choice.model,
        choice.task,
        parse_steps(" > ".join(order)),
        seed=seed,
        train_examples=among.setting.examples,
        epochs=among.setting.epochs,
        max_length=among.setting.max_length,
    )


def _takes(choice: Choice, among: Group, rows: Sequence[OrderRow], runs: Sequence[Run]) -> str:
    """Return what the first run that is missing costs, or nothing where it cannot be told."""
    order = next((row["order"] for row in rows if row["missing"]), None)
    if order is None or (plan := _plan(choice, among, order, 0)).problems():
        return ""
    cost = estimate(plan, runs)
    return str(cost) if cost else ""


def _illegal(choice: Choice) -> dict[str, Any] | None:
    """Return how many orders cannot be run, and why the first cannot, or None."""
    refused = [
        (order, problem) for order, problem in all_orders(choice.model, choice.operators) if problem
    ]
    if not refused:
        return None
    order, problem = refused[0]
    return {"count": len(refused), "letters": letters(order), "problem": problem}


def _dense(runs_of: dict[Order, Any], among: Group) -> float | None:
    """Return the mean score of the dense models that the orders start from, or of any."""
    starts = {
        seed: record.stages[0].score
        for by_seed in runs_of.values()
        for seed, record in by_seed.items()
    }
    scores = (starts or among.scores(())).values()
    return fmean(scores) if scores else None


def _predicted(choice: Choice, among: Group, runs_of: dict[Order, Any]) -> float | None:
    """Return the sum of single effects, the same for every order: at full depth, their seeds."""
    seeds = sorted({seed for by_seed in runs_of.values() for seed in by_seed}) or [None]
    for order in () if choice.early else (choice.operators, *runs_of):
        predictions = [predict(among, order, seed) for seed in seeds]
        sums = [prediction.additive for prediction in predictions if prediction]
        if len(sums) == len(seeds):
            return fmean(sums)
    return None
