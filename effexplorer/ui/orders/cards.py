"""The Orders tab's verdicts: what was measured here, beside what the papers claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from effexplorer.analysis.commutativity import too_little
from effexplorer.analysis.exit_area import ExitPair
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.questions import Answers, answers
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict
from effexplorer.exits.curve import Curve
from effexplorer.ui.orders.messages import VerdictCard, VerdictText

XIN = "Xin et al. 2023, Findings of ACL, arXiv 2208.00483"
MOVVA = "Movva et al. 2022, arXiv 2208.09684"
SHEN = "Shen et al. 2022, arXiv 2210.15523"
UNCHECKED = "No figure of Xin et al. or Movva et al. could be checked: none is given."

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
    ids = frozenset(run.id for by_seed in group.runs.values() for run in by_seed.values())
    return Question(ids, operators, group, curves)


@lru_cache(maxsize=64)
def cards(asked: Question) -> list[VerdictCard]:
    """Return the verdicts as plain JSON values, those on exits only where a set has them.

    They are corrected for all verdicts on the same comparable runs, whatever set is looked at.
    """
    operators = tuple(sorted(asked.operators))
    (verdicts,) = answers([asked.group], lambda group: asked.curves)
    names = set(operator_names(operators))
    sizes = [verdict for pair, verdict in verdicts.sizes.items() if set(pair) <= names]
    drawn = [
        _card(
            "Does order matter?",
            [verdicts.orders.get(operators) or _untold(too_little(asked.group, operators))],
            "The order of operators matters little: they commute to a good approximation.",
            XIN,
            turned=True,
        ),
        _card(
            "Can combinations be predicted from single operators?",
            [verdicts.prediction],
            "Effects accumulate: single operators predict the whole pipeline to a good "
            "approximation.",
            XIN,
        ),
        _card(
            "Do size reductions multiply?",
            sizes or [_untold("It takes two operators that make the model smaller.")],
            "Size reductions multiply roughly, and sometimes save more than their product.",
            MOVVA,
        ),
    ]
    if "exit" in names:
        drawn.append(
            _card(
                "Are exits better before compression than after?",
                _exits(verdicts, asked.group, operators),
                "Exits added to a model that is compressed already degrade severely; they should "
                "be there before.",
                SHEN,
            )
        )
    return drawn


def _card(
    title: str, verdicts: list[Verdict], claim: str, source: str, *, turned: bool = False
) -> VerdictCard:
    """Return a card on one verdict or several, those that decide first.

    ``turned`` is for a title that a verdict of YES answers with no.
    """
    first, *others = sorted(verdicts, key=_decides)
    return {
        "title": title,
        **_plain(first, turned=turned),
        "more": [_plain(verdict, turned=turned) for verdict in others],
        "claim": claim,
        "source": source,
    }


def _plain(verdict: Verdict, *, turned: bool) -> VerdictText:
    turn = {YES: NO, NO: YES} if turned else {YES: YES, NO: NO}
    needs = {turn[answer]: text for answer, text in verdict.needs.items()}
    return {
        "answer": turn.get(verdict.answer, CANNOT_TELL),
        "sentence": verdict.sentence,
        "needs": [[answer, needs[answer]] for answer in (YES, NO) if answer in needs],
    }


def _decides(verdict: Verdict) -> int:
    return (NO, CANNOT_TELL, YES).index(verdict.answer)


def _untold(sentence: str) -> Verdict:
    return Verdict(CANNOT_TELL, sentence)


def _exits(verdicts: Answers, group: Group, operators: Order) -> list[Verdict]:
    """Return the verdicts on where exits stand, of the orders of these operators."""
    orders = set(group.orders(operators))

    def about(pair: ExitPair) -> bool:
        return pair.first in orders

    fitting = [verdict for pair, verdict in verdicts.exits.items() if about(pair)]
    return fitting or [
        _untold(
            "Cannot tell whether exits are better first: it takes an order that begins with exit, "
            "and the same order with exit later."
        )
    ]
