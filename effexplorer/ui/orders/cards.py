"""The Orders tab's verdicts: what was measured here, beside what the papers claim."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from effexplorer.analysis.commutativity import commutativity
from effexplorer.analysis.cumulativeness import cumulativeness
from effexplorer.analysis.exit_area import exit_pair, exits_first
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.multiplicativity import multiplicativity
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict
from effexplorer.exits.curve import Curve
from effexplorer.ui.orders.choice import letters

XIN = "Xin et al. 2022, arXiv 2208.00483"
MOVVA = "Movva et al. 2022, arXiv 2208.09684"
SHEN = "Shen et al. 2022, arXiv 2210.15523"
UNCHECKED = "No figure of Xin et al. or Movva et al. could be checked: none is given."
_SMALLER = 0.95  # of the dense file: an operator that saves less is not one that makes it small

Curves = Callable[[Order], Mapping[int, Curve]]


@dataclass(frozen=True)
class Question:
    """A set of operators among comparable runs; equal where these runs are the same."""

    ids: frozenset[str]
    operators: Order
    group: Group = field(compare=False, repr=False)
    curves: Curves = field(compare=False, repr=False)


def question(group: Group, operators: Order, curves: Curves) -> Question:
    """Return the question that ``cards`` answers; ``curves`` gives an order's exit curves."""
    ids = frozenset(one.id for by_seed in group.runs.values() for one in by_seed.values())
    return Question(ids, operators, group, curves)


@lru_cache(maxsize=64)
def cards(asked: Question) -> list[dict[str, Any]]:
    """Return the verdicts as plain JSON values, those on exits only where a set has them."""
    group, operators = asked.group, asked.operators
    among = _among(group, operators)
    found = [
        _card(
            "Does order matter?",
            commutativity(group, operators),
            "The order of operators matters little: they commute to a good approximation.",
            XIN,
            turned=True,
        ),
        _card(
            "Can combinations be predicted from single operators?",
            cumulativeness(among),
            "Effects accumulate: what single operators do foretells the whole pipeline to a good "
            "approximation.",
            XIN,
        ),
        _multiply(among),
    ]
    if "exit" in operator_names(operators):
        found.append(_exits(asked))
    return found


def _card(
    title: str, verdict: Verdict, claim: str, source: str, *, turned: bool = False
) -> dict[str, Any]:
    """Return a card; ``turned`` where a verdict of YES answers the title with no."""
    answer = {YES: NO, NO: YES}.get(verdict.answer, CANNOT_TELL) if turned else verdict.answer
    return {
        "title": title,
        "answer": answer,
        "sentence": verdict.sentence,
        "more": [],
        "claim": claim,
        "source": source,
    }


def _among(group: Group, operators: Order) -> Group:
    """Return the runs that use no other operators than these."""
    subsets = (subset for size in range(len(operators) + 1) for subset in _subsets(operators, size))
    orders = {order for subset in subsets for order in group.orders(subset)}
    return Group(group.setting, {order: group.runs[order] for order in sorted(orders)})


def _subsets(operators: Order, size: int) -> set[Order]:
    return set(itertools.combinations(operators, size))


def _multiply(among: Group) -> dict[str, Any]:
    """Return the card on sizes: of every two operators that make the model smaller."""
    claim = "Size reductions multiply roughly, and sometimes save more than their product."
    names = sorted({name for order in among.runs for name in operator_names(order)})
    small = [name for name in names if _shrinks(among, name)]
    told = [multiplicativity(among, *pair) for pair in itertools.combinations(small, 2)]
    if not told:
        told = [
            Verdict(
                CANNOT_TELL,
                "Cannot tell whether size reductions multiply: it takes two operators that each "
                "make the model smaller alone.",
            )
        ]
    answers = {one.answer for one in told}
    answer = next((one for one in (NO, CANNOT_TELL) if one in answers), YES)
    told.sort(key=lambda one: one.answer != answer)
    verdict = Verdict(answer, told[0].sentence)
    return _card("Do size reductions multiply?", verdict, claim, MOVVA) | {
        "more": [{"answer": one.answer, "sentence": one.sentence} for one in told[1:]]
    }


def _shrinks(among: Group, name: str) -> bool:
    """Tell whether ``name`` alone makes the file smaller in any run, or is not known alone."""
    alone = [
        record.final.bytes / record.stages[0].bytes
        for order, by_seed in among.runs.items()
        if operator_names(order) == (name,)
        for record in by_seed.values()
    ]
    return (not alone and name != "exit") or any(ratio < _SMALLER for ratio in alone)


def _exits(asked: Question) -> dict[str, Any]:
    """Return the card on where exits stand: of two orders that differ in nothing else."""
    claim = (
        "Exits added to a model that is compressed already degrade severely; they should be there "
        "before."
    )
    pair = exit_pair(asked.group, asked.operators)
    title = "Are exits better before compression than after?"
    if pair is None:
        verdict = Verdict(
            CANNOT_TELL,
            "Cannot tell whether exits are better first: it takes an order that begins with exit, "
            "and the same order with exit later.",
        )
        return _card(title, verdict, claim, SHEN)
    first, last = pair
    verdict = exits_first(
        asked.curves(first), asked.curves(last), names=(letters(first), letters(last))
    )
    return _card(title, verdict, claim, SHEN)
