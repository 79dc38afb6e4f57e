"""The study's tables: one per question, a row per verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from effexplorer.analysis.groups import Group, Order, operator_names
from effexplorer.analysis.questions import Answers
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, Verdict, chance
from effexplorer.operators import OPERATORS

_SEEN = "| {} | seeds | difference | 95 % interval | margin |"
TESTED = f"{_SEEN} p for yes | corrected p for no | verdict |"
ADVANTAGE = f"{_SEEN} corrected p for yes | p for no | verdict |"
NOT_RUN = "not told"


@dataclass(frozen=True)
class Asked:
    """A group of comparable runs, as a table names it, and its verdicts."""

    name: str
    group: Group
    answers: Answers


TESTED = (
    "| {} | seeds | difference | 95 % interval | margin | p: as far as the margin | corrected p: "
    "within it | verdict |"
)
ADVANTAGE = TESTED.replace("as far as", "at least").replace("within it", "at most that")


def orders(asked: Sequence[Asked]) -> str:
    """Return the table on the order of operators, largest sets first."""
    rows = [
        (study.name, ", ".join(map(named, operators)), _integer(verdict, "orders"), *cells(verdict))
        for study in asked
        for operators, verdict in sorted(study.answers.orders.items(), key=_largest)
        if worth_telling(verdict)
    ]
    return _table(TESTED.format("task | set | orders"), rows)


def predictions(asked: Sequence[Asked]) -> str:
    """Return the table on sums of single effects."""
    rows = []
    for study in asked:
        verdict = study.answers.prediction
        if worth_telling(verdict):
            seen = verdict.numbers
            what = (study.name, _integer(verdict, "combinations"))
            skill = f"{seen['skill']:.2f}" if seen else "-"
            rows.append((*what, *cells(verdict)[:-1], skill, cells(verdict)[-1]))
    title = TESTED.format("task | combinations").replace("difference", "error")
    return _table(title.replace("| verdict |", "| R² | verdict |"), rows)


def sizes(asked: Sequence[Asked]) -> str:
    """Return the table on size reductions."""
    rows = [
        (study.name, " and ".join(pair), *cells(verdict, digits=2))
        for study in asked
        for pair, verdict in study.answers.sizes.items()
        if worth_telling(verdict)
    ]
    table = _table(TESTED.format("task | operators").replace("difference", "M"), rows)
    return "\n\n".join(filter(None, (table, _untold(asked))))


def layers(asked: Sequence[Asked]) -> str:
    """Return the table on greedy search."""
    rows = [
        (study.name, count, *cells(verdict))
        for study in asked
        for count, verdict in study.answers.layers.items()
    ]
    return _table(ADVANTAGE.format("task | layers dropped"), rows)


def exits(asked: Sequence[Asked]) -> str:
    """Return the table on exits first or last; pairs of unequal training are counted only."""
    rows, unequal = [], Counter[str]()
    for study in asked:
        for pair, verdict in study.answers.exits.items():
            if not pair.matched:
                unequal[study.name] += 1
                continue
            what = f"{letters(pair.first)} against {letters(pair.last)}"
            rows.append((study.name, what, f"{pair.trained[0]:g}", *cells(verdict)))
    sentence = (
        f"Void for unequal training: {', '.join(f'{n} on {task}' for task, n in unequal.items())}."
    )
    table = _table(ADVANTAGE.format("task | orders | epochs of exits"), rows)
    return "\n\n".join(filter(None, (table, sentence if unequal else "")))


def gains(asked: Sequence[Asked]) -> str:
    """Return the table on what exits save."""
    rows = []
    for study in asked:
        for order, verdict in study.answers.gains.items():
            seen, what = verdict.numbers, (study.name, letters(order))
            saved = f"{seen['saved']:.0f} %" if seen else "-"
            against = "-"
            if seen:
                low, high = seen["adaptive_low"], seen["adaptive_high"]
                against = f"{seen['adaptive']:+z.1f} ({low:+z.1f} to {high:+z.1f})"
            rows.append((*what, saved, against, *cells(verdict)))
    title = ADVANTAGE.format("task | steps | MACs saved | against one depth for all")
    return _table(title.replace("| difference |", "| points lost |"), rows)


def summary(asked: Sequence[Asked]) -> str:
    """Return the table of how often each answer came, by task and question."""
    rows = []
    for study in asked:
        seen = study.answers
        questions = (
            seen.orders.values(),
            [seen.prediction],
            seen.sizes.values(),
            seen.layers.values(),
            seen.exits.values(),
            seen.gains.values(),
        )
        counted = [_counted(filter(worth_telling, verdicts)) for verdicts in questions]
        if set(counted) != {NOT_RUN}:
            rows.append((study.name, *counted))
    title = (
        "| task | does order not matter? | are combinations predictable? | do sizes multiply? | is "
        "greedy better than top? | are exits first better? | do exits gain? |"
    )
    return _table(title, rows)


def worth_telling(verdict: Verdict) -> bool:
    """Tell whether the runs for ``verdict`` were there, even if they may not be compared."""
    return bool(verdict.numbers) or verdict.void


def cells(verdict: Verdict, digits: int = 1) -> tuple[str, ...]:
    """Return seeds, difference, interval, margin, both p-values and the verdict."""
    seen = verdict.numbers
    if not seen:
        return (*("-",) * 6, f"**{_answer(verdict)}**. {verdict.sentence.removeprefix('Void: ')}")
    return (
        f"{seen['seeds']:g}",
        f"{seen['difference']:z.{digits}f}",
        f"{seen['low']:z.{digits}f} to {seen['high']:z.{digits}f}",
        f"{seen['margin']:g}",
        chance(seen["within"]).removeprefix("p = ").removeprefix("p "),
        chance(seen["beyond"]).removeprefix("p = ").removeprefix("p "),
        f"**{_answer(verdict)}**{_needed(seen)}",
    )


def letters(order: Order) -> str:
    """Return ``"D>P>Q"``."""
    return ">".join(OPERATORS[name].letter for name in operator_names(order)) or "dense"


def named(step: str) -> str:
    """Return the operator of a typed step, saying if its quantization trains."""
    (name,) = operator_names((step,))
    return f"{name} in training" if "mode=aware" in step else name


def _untold(asked: Sequence[Asked]) -> str:
    """Return in a list why the sizes of some pairs cannot be compared."""
    reasons: dict[str, list[str]] = {}
    for study in asked:
        for pair, verdict in study.answers.sizes.items():
            if not worth_telling(verdict):
                reason = verdict.sentence.partition(": ")[2]
                reasons.setdefault(reason, []).append(f"{study.name} {letters(pair)}")
    lines = [f"- {', '.join(names)}: {reason}" for reason, names in reasons.items()]
    return "\n".join(["Cannot be told:", "", *lines]) if lines else ""


def _needed(seen: dict[str, float]) -> str:
    if "needed" not in seen or seen["beyond"] < 0.05 or seen["within"] < 0.05:
        return ""
    needed = seen["needed"]
    return f" (about {needed:.0f} seeds)" if np.isfinite(needed) else " (over 100 seeds)"


def _answer(verdict: Verdict) -> str:
    return "void" if verdict.void else verdict.answer


def _integer(verdict: Verdict, name: str) -> str:
    return f"{verdict.numbers[name]:.0f}" if verdict.numbers else "-"


def _counted(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(map(_answer, verdicts))
    sentence = (
        f"{answer} {counts[answer]}" for answer in (YES, NO, CANNOT_TELL, "void") if counts[answer]
    )
    return ", ".join(sentence) or NOT_RUN


def _largest(item: tuple[Order, Verdict]) -> tuple[int, Order]:
    return -len(item[0]), item[0]


def _table(title: str, rows: Iterable[tuple[object, ...]]) -> str:
    """Return a Markdown table, or nothing without rows."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join([title, "|---" * (title.count("|") - 1) + "|", *lines]) if lines else ""
