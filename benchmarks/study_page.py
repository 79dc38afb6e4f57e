"""Writes docs/study.md and its figures from the shipped records: what the study answers.

Nothing in the page is typed by hand but the questions: every number and verdict is computed from
``precomputed/runs``, and what one answer for all would score from the counts of labels. A test
holds the page to the records.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import study_answers
from benchmarks.study_answers import one_answer
from benchmarks.study_figures import intervals, scatter, strip
from effexplorer import home
from effexplorer.analysis.cumulativeness import cumulativeness, misses, predict
from effexplorer.analysis.groups import Group, Order, group, operator_names, order_of
from effexplorer.analysis.layers import greedy_against_exhaustive
from effexplorer.analysis.statistics import paired_interval
from effexplorer.analysis.verdict import Verdict
from effexplorer.operators import OPERATORS
from effexplorer.published import removals
from effexplorer.records.files import read_record
from effexplorer.records.schema import Record
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.scores import score_words

ROOT = Path(__file__).parents[1]

PAGE = """# What the study shows

{runs} runs of MiniLM, on a CPU, shipped in `precomputed/runs`. This page is computed from them by
`python -m benchmarks.study_page`; the runs are made by `effexplorer sweep` from the grids in
[benchmarks/study](../benchmarks/study). A verdict says "cannot tell" where seeds differ as much as
what is compared. Each is judged by itself: of twenty 95 % intervals, one misses by chance. Scores
are the task's own on its whole validation split, in percent.

{settings}

Training sets are as small as two cores and an afternoon asked for. So the answers are for models
like these; the same grids run on larger ones.
{left_out}
## In short

{summary}

Each question has its section below, with every verdict in full. Points of the first are how far the
means of orders lie apart, of greedy search by how much it is better.

## Do operators commute: is their order irrelevant?

Xin et al. 2022 (arXiv 2208.00483) hold that order matters little. Here a set of operators commutes
("yes") when the means of its orders lie no further apart than twice the deviation from seed to
seed; that it does not ("no") is said only if an analysis of variance over the same seeds agrees
(p < 0.05). With exits, scores are those at full depth.

{commutativity}

## Can a combination be predicted from its operators alone?

From the dense model's score and those of single operators: the sum of their effects, or the product
of their ratios (also Xin et al.).

{cumulativeness}

## Are size reductions multiplicative?

Movva et al. 2022 (arXiv 2208.09684) ask whether the reductions of two operators multiply, among
models that keep the dense model's score. M is the reduction of both, divided by the product of each
one's. A point may be lost; where some operator loses more here, three or ten points.

{multiplicativity}

## Does greedy layer removal beat dropping the top?

Peer et al. 2022 (arXiv 2105.14839). In what the authors logged (published, not measured here):
{published}

Here, `drop` alone, compared by seed:

{layers}

## Do exits before compression beat exits after it?

Shen et al. 2022 (arXiv 2210.15523) report that exits added to a compressed model degrade severely.
Compared is the area between both orders' curves of score against mean multiply-accumulates, over
all thresholds, by seed. In both orders the other operators stand alike.

{exits}
"""


def main() -> None:
    """Read the records, write the page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=Path, default=home.precomputed_folder() / "runs")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    given = parser.parse_args()
    files = page(given.runs)
    (given.out / "study").mkdir(parents=True, exist_ok=True)
    for old in (given.out / "study").glob("*.svg"):
        old.unlink()
    for name, text in files.items():
        (given.out / name).write_text(text, "utf-8")
    print(f"{len(files)} files in {given.out}")


def page(runs: Path) -> dict[str, str]:
    """Return the page's files by name, made from the records in the folder ``runs``."""
    records = [read_record(path) for path in sorted(runs.glob("*.json"))]
    found = [one for one in group(records) if max(map(len, one.runs.values())) > 1]
    groups = [one for one in found if _above_chance(one)]
    files: dict[str, str] = {}
    text = PAGE.format(
        runs=len(records),
        settings=_settings(found),
        left_out="".join(_left_out(one) for one in found if one not in groups),
        summary=_summary(groups, runs),
        commutativity=_section(groups, _orders, files),
        cumulativeness=_section(groups, _predictions, files),
        multiplicativity=_multiplied(groups, files),
        published=greedy_against_exhaustive(removals()).sentence,
        layers=_section(groups, _layers, files),
        exits=_section(groups, lambda one, _: _exits(one, runs), files),
    )
    return {"study.md": text} | files


def _above_chance(one: Group) -> bool:
    """Tell whether the dense model, mean over seeds, scores above one answer for all for sure."""
    scores = list(one.scores(()).values())
    return bool(scores) and paired_interval(scores)[1] > one_answer(_name(one))


def _left_out(one: Group) -> str:
    scores = list(one.scores(()).values())
    return (
        f"\nWhat follows leaves {_name(one)} out: after so little training its dense model is not "
        f"surely above chance ({_score_name(one)} {np.mean(scores):.1f} %, and "
        f"{one_answer(_name(one)):.1f} % with one answer for all), so that nothing can be lost.\n"
    )


def _score_name(one: Group) -> str:
    return score_words(_records(one)[0].score_name)


def _name(one: Group) -> str:
    return one.setting.task


def _records(one: Group) -> list[Record]:
    return [record for by_seed in one.runs.values() for record in by_seed.values()]


def _settings(groups: list[Group]) -> str:
    lines = [
        "| task | training examples | validation | passes of the dense model | dense model | one "
        "answer for all | runs | seeds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in groups:
        records, scores = _records(one), list(one.scores(()).values())
        data, epochs = records[0].data, one.setting.epochs or find_task(one.setting.task).epochs
        dense = f"{np.mean(scores):.1f} %" if scores else "not run"
        seeds = len({record.seed for record in records})
        lines.append(
            f"| {_name(one)} | {data['train_examples']:,} | {data['validation_examples']:,} | "
            f"{epochs:g} | {dense} | {one_answer(_name(one)):.1f} % | {len(records)} | {seeds} |"
        )
    return "\n".join(lines)


def _summary(groups: list[Group], runs: Path) -> str:
    lines = [
        "| task | do operators commute? | predictable from single operators? | do sizes "
        "multiply? | greedy better than top? | exits first better? |",
        "|---|---|---|---|---|---|",
    ]
    for one in groups:
        lines.append(f"| {_name(one)} | {' | '.join(study_answers.summary(one, runs))} |")
    return "\n".join(lines)


def _section(groups, answers, files: dict[str, str]) -> str:
    """Return a paragraph per group that has something to say of a question."""
    found = [(one, "\n".join(answers(one, files))) for one in groups]
    return "\n\n".join(f"**{_name(one)}.**\n\n{text}" for one, text in found if text)


def _line(what: str, verdict: Verdict) -> str:
    return f"- {what}: **{verdict.answer}**. {verdict.sentence}"


def _named(step: str) -> str:
    (name,) = operator_names((step,))
    return f"{name} in training" if "mode=aware" in step else name


def _letters(order: Order) -> str:
    return ">".join(OPERATORS[name].letter for name in operator_names(order)) or "dense"


def _orders(one: Group, files: dict[str, str]) -> Iterator[str]:
    for operators, verdict in study_answers.orders(one):
        yield _line(", ".join(map(_named, operators)), verdict)
        orders = one.orders(operators)
        if len(orders) >= 6:
            rows = [(_letters(order), list(one.scores(order).values())) for order in orders]
            rows.sort(key=lambda row: -np.mean(row[1]))
            letters = "".join(sorted(OPERATORS[n].letter for n in operator_names(operators)))
            name = f"study/orders-{_name(one)}-{letters}.svg".lower()
            dense = one.scores(())
            title = f"{_name(one)}: score by order, one dot per seed"
            reference = float(np.mean(list(dense.values()))) if dense else None
            files[name] = strip(title, rows, reference=reference)
            yield f"\n![{title}]({name})\n"


def _predictions(one: Group, files: dict[str, str]) -> Iterator[str]:
    verdict = cumulativeness(one)
    if not verdict.numbers:
        return
    yield _line("predictable", verdict)
    points = []
    for record, _ in misses(one):
        expected = predict(one, order_of(record), record.seed).additive
        points.append((expected, record.final.score, bool(record.final.exits)))
    if len(points) >= 8:
        name = f"study/predicted-{_name(one)}.svg"
        title = f"{_name(one)}: predicted and measured"
        files[name] = scatter(title, points, across="sum of single effects, %", up="measured, %")
        yield f"\n![{title}]({name})\n\nSquares are runs that end with exits."


def _multiplied(groups: list[Group], files: dict[str, str]) -> str:
    lines, rows = [], []
    for one in groups:
        for (first, second), verdict in study_answers.sizes(one):
            numbers = verdict.numbers
            lines.append(_line(f"{_name(one)}, {first} and {second}", verdict))
            if np.isfinite(numbers["ratio"]):
                label = f"{_name(one)}, {_letters((first,))} and {_letters((second,))}"
                rows.append((label, numbers["ratio"], numbers["low"], numbers["high"]))
    if rows:
        title = "M: both reductions over the product of each, 95 % interval"
        files["study/multiplied.svg"] = intervals(title, rows, at=1.0)
        lines.append(f"\n![{title}](study/multiplied.svg)")
    return "\n".join(lines)


def _layers(one: Group, files: dict[str, str]) -> Iterator[str]:
    for count, verdict in study_answers.layers(one):
        yield _line(f"{count} of 6", verdict)
    rows = [
        (order[0].removeprefix("drop(").split(", epochs")[0], list(one.scores(order).values()))
        for order in sorted(one.runs)
        if operator_names(order) == ("drop",) and len(one.runs[order]) > 1
    ]
    rows = [(f"drop {text.removesuffix(')')}", scores) for text, scores in rows]
    if len(rows) > 2:
        rows.sort(key=lambda row: -np.mean(row[1]))
        name, title = f"study/layers-{_name(one)}.svg", f"{_name(one)}: layers dropped, by rule"
        dense = one.scores(())
        files[name] = strip(title, rows, reference=float(np.mean(list(dense.values()))))
        yield f"\n![{title}]({name})\n"


def _exits(one: Group, runs: Path) -> Iterator[str]:
    for first, last, verdict in study_answers.exits(one, runs):
        yield _line(f"{_letters(first)} against {_letters(last)}", verdict)


if __name__ == "__main__":
    main()
