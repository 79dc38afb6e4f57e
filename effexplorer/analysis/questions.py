"""Every verdict that comparable runs give, corrected together for their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from effexplorer.analysis.commutativity import order_evidence
from effexplorer.analysis.exit_area import Curves, ExitPair, exit_evidence
from effexplorer.analysis.exit_gain import gain_evidence
from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.layers import layer_evidence
from effexplorer.analysis.multiplicativity import size_evidence
from effexplorer.analysis.prediction_error import error_evidence
from effexplorer.analysis.verdict import Evidence, Verdict, judge

Pair = tuple[str, str]
SHRINKING = ("distill", "drop", "prune", "quantize", "slenderize", "trim")  # files get smaller
PAIRS = tuple(combinations(SHRINKING, 2))


@dataclass(frozen=True)
class Answers:
    """The verdicts on one group of runs: by set of operators, names of two, layers, pair, order."""

    orders: dict[Order, Verdict]
    prediction: Verdict
    sizes: dict[Pair, Verdict]
    layers: dict[int, Verdict]
    exits: dict[ExitPair, Verdict]
    gains: dict[Order, Verdict]

    @property
    def all(self) -> list[Verdict]:
        """Return every verdict."""
        some = (self.orders, self.sizes, self.layers, self.exits, self.gains)
        return [self.prediction, *(verdict for part in some for verdict in part.values())]


def answers(
    groups: Sequence[Group], curves: Callable[[Group], Curves], *, pairs: Sequence[Pair] = PAIRS
) -> list[Answers]:
    """Return the verdicts on each of ``groups``, all of one page: corrected together (Holm).

    ``curves`` gives what gives an order's exit curves by seed. Sizes are judged of ``pairs`` of
    operators that make a model smaller.
    """
    asked = [_questions(group, curves(group), pairs) for group in groups]
    flat = [item for questions in asked for item in questions.values()]
    verdicts = iter(judge(flat))
    return [_answers(dict(zip(questions, verdicts, strict=False))) for questions in asked]


def _questions(
    group: Group, curves: Curves, pairs: Sequence[Pair]
) -> dict[tuple[str, object], Evidence]:
    return {
        **{("orders", key): item for key, item in order_evidence(group).items()},
        ("prediction", None): error_evidence(group),
        **{("sizes", pair): size_evidence(group, *pair) for pair in pairs if _run(group, pair)},
        **{("layers", key): item for key, item in layer_evidence(group).items()},
        **{("exits", key): item for key, item in exit_evidence(group, curves).items()},
        **{("gains", key): item for key, item in gain_evidence(group).items()},
    }


def _run(group: Group, pair: Pair) -> bool:
    """Tell whether any run has both operators and no other."""
    return any(set(operator_names(order)) - {"finetune"} == set(pair) for order in group.runs)


def _answers(verdicts: dict[tuple[str, object], Verdict]) -> Answers:
    def of(question: str) -> dict[Any, Verdict]:
        return {key: verdict for (asked, key), verdict in verdicts.items() if asked == question}

    return Answers(
        of("orders"),
        verdicts["prediction", None],
        of("sizes"),
        of("layers"),
        of("exits"),
        of("gains"),
    )
