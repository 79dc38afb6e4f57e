"""Writes docs/study.md and its figures from the shipped records: what the study answers.

Nothing in the page is typed by hand but the questions and what papers claim: every number and
verdict is computed from ``precomputed/runs``. A test holds the page to the records.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks import study_answers
from benchmarks.study_answers import Asked, letters
from benchmarks.study_figures import intervals, scatter, strip
from effexplorer import home
from effexplorer.analysis.cumulativeness import predict
from effexplorer.analysis.exit_area import Curves, run_curve
from effexplorer.analysis.groups import Group, Order, group, operator_names
from effexplorer.analysis.layers import greedy_against_exhaustive
from effexplorer.analysis.questions import answers
from effexplorer.analysis.statistics import pooled_deviation
from effexplorer.exits.curve import Curve
from effexplorer.operators import OPERATORS
from effexplorer.published import removals
from effexplorer.records.files import read_record
from effexplorer.records.schema import Record
from effexplorer.tasks.one_answer import one_answer
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.scores import score_words

ROOT = Path(__file__).parents[1]

PAGE = """# What the study shows

{runs} runs of {models}, shipped in `precomputed/runs`. This page is computed from them by
`python -m benchmarks.study_page`; the runs are made by `effexplorer sweep` from the grids in
[benchmarks/study](../benchmarks/study). Scores are the task's own on its whole validation split, in
percent; seeds vary everything that is random in training. The rules behind the answers, and how
often they err, are in [verdicts.md](verdicts.md). In short: an answer is given only if the data
exclude the other one, by a stated margin in points: it takes p < 0.05 in the column of the answer.
Claims that something differs by more than the margin are corrected for all {tests} verdicts of this
page (Holm). "Cannot tell" says how many seeds it would take. A comparison is void if one of its
models is not surely above one answer for all.

{settings}

{summary}

## Does the order of operators matter?

Xin et al. 2023 (Findings of ACL, [findings-acl.180](https://aclanthology.org/2023.findings-acl.180))
claim that operators commute to a good approximation. "Yes" says that all orders are surely less
than the margin apart, "no" that some are surely further apart; differences are those of the best
and the worst order, with exits at full depth.

{orders}

{order_figures}

## Can a combination be predicted from single operators?

Xin et al. 2023 claim that effects accumulate: that single operators predict the whole pipeline.
Here the prediction is the sum of single effects. The error is the root mean square over all
combinations; R² says how much better the sum predicts than the mean of all combinations.

{predictions}

{prediction_figures}

## Do size reductions multiply?

Movva et al. 2022 (arXiv 2208.09684) claim that they roughly do, and sometimes save more. M is the
reduction of both operators over the product of each one's, at one point below the dense model,
along each family's own curve of score against size.

{sizes}
{size_figure}
## Does greedy layer removal beat dropping the top?

Peer et al. 2022 (arXiv 2105.14839) claim that it comes close to the best choice. In their own logs
(published, not measured here): {published}

Here the same layers are dropped by both rules. The difference is that of greedy search.

{layers}

{layer_figures}

## Are exits better before compression than after?

Shen et al. 2022 (arXiv 2210.15523) report that exits added to a compressed model degrade severely.
The difference is the area between both orders' curves of score against compute. Exits must have
been trained equally long in both, or the comparison is void.

{exits}

## Do exits gain anything on a distilled MiniLM?

Kapadia et al. 2026 (LEAP, arXiv 2605.01058) claim that early exits which wait for layers to
converge give distilled MiniLMs no speed-up at all. Here exits are classifiers that leave by
confidence, at the threshold chosen on held-out training data; "yes" says that they save compute for
surely less than a point. The fourth column compares with leaving at one depth for all sentences, at
the same compute (95 % interval).

{gains}
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
    groups = [members for members in group(records) if max(map(len, members.runs.values())) > 1]
    asked = ask(groups, runs)
    files: dict[str, str] = {}
    text = PAGE.format(
        runs=len(records),
        models=", ".join(sorted({record.model for record in records})),
        tests=tested(asked),
        settings=_settings(asked),
        summary=study_answers.summary(asked),
        orders=study_answers.orders(asked),
        order_figures=_figures(asked, _order_figures, files),
        predictions=study_answers.predictions(asked),
        prediction_figures=_figures(asked, _prediction_figures, files),
        sizes=study_answers.sizes(asked),
        size_figure=_size_figure(asked, files),
        published=greedy_against_exhaustive(removals()).sentence,
        layers=study_answers.layers(asked),
        layer_figures=_figures(asked, _layer_figures, files),
        exits=study_answers.exits(asked),
        gains=study_answers.gains(asked),
    )
    return {"study.md": text} | files


def ask(groups: Sequence[Group], runs: Path) -> list[Asked]:
    """Return the verdicts on ``groups``, whose exit tables lie in the folder ``runs``."""

    def curves(members: Group) -> Curves:
        def by_seed(order: Order) -> Mapping[int, Curve]:
            curves_of = {
                seed: run_curve(record, runs) for seed, record in members.runs[order].items()
            }
            return {seed: curve for seed, curve in curves_of.items() if curve is not None}

        return by_seed

    names = _names(groups)
    return [
        Asked(name, members, verdicts)
        for name, members, verdicts in zip(names, groups, answers(groups, curves), strict=True)
    ]


def tested(asked: Sequence[Asked]) -> int:
    """Return how many verdicts the page corrects for."""
    return sum(bool(verdict.numbers) for study in asked for verdict in study.answers.all)


def _names(groups: Sequence[Group]) -> list[str]:
    """Return the groups' tasks, with what tells those of one task apart."""
    tasks, settings = (
        Counter(members.setting.task for members in groups),
        [members.setting for members in groups],
    )
    names = []
    for setting in settings:
        rows = "all rows" if setting.examples is None else f"{setting.examples:,} rows"
        more = f" ({setting.model}, {rows})" if tasks[setting.task] > 1 else ""
        names.append(setting.task + more)
    return names


def _records(members: Group) -> list[Record]:
    return [record for by_seed in members.runs.values() for record in by_seed.values()]


def _settings(asked: Sequence[Asked]) -> str:
    lines = [
        "| task | model | training rows | validation | epochs of the dense model | score | dense "
        "model | one answer for all | runs | seeds |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for study in asked:
        setting, records = study.group.setting, _records(study.group)
        scores = list(study.group.scores(()).values())
        data, epochs = records[0].data, setting.epochs or find_task(setting.task).epochs
        dense = f"{np.mean(scores):.1f} %" if scores else "not run"
        floor = one_answer(setting.task)
        least = "unknown" if floor is None else f"{floor:.1f} %"
        seeds = len({record.seed for record in records})
        name = score_words(records[0].score_name)
        lines.append(
            f"| {setting.task} | {setting.model} | {data['train_examples']:,} | "
            f"{data['validation_examples']:,} | {epochs:g} | {name} | {dense} | {least} | "
            f"{len(records)} | {seeds} |"
        )
    return "\n".join(lines)


def _figures(asked: Sequence[Asked], draw, files: dict[str, str]) -> str:
    """Return the figures of all groups in Markdown, and put them into ``files``."""
    lines = []
    for study in asked:
        for name, title, svg in draw(study):
            files[f"study/{name}"] = svg
            lines.append(f"![{title}](study/{name})")
    return "\n\n".join(lines)


def _file(kind: str, asked: Asked, more: str = "") -> str:
    plain = "".join(letter if letter.isalnum() else "-" for letter in asked.name.replace(",", ""))
    return f"{'-'.join(filter(None, (kind, plain.strip('-'), more)))}.svg".lower()


def _dense(asked: Asked) -> float | None:
    scores = list(asked.group.scores(()).values())
    return float(np.mean(scores)) if scores else None


def _order_figures(asked: Asked) -> Iterator[tuple[str, str, str]]:
    """Yield a strip for each set of the most operators, whose prefixes are the smaller sets."""
    measured = [ops for ops, verdict in asked.answers.orders.items() if verdict.numbers]
    sets = [operators for operators in measured if len(asked.group.orders(operators)) >= 6]
    most = max(map(len, sets), default=0)
    for operators in (chosen for chosen in sets if len(chosen) == most):
        orders = asked.group.orders(operators)
        rows = [(letters(order), list(asked.group.scores(order).values())) for order in orders]
        rows.sort(key=lambda row: -np.mean(row[1]))
        short = "".join(sorted(OPERATORS[n].letter for n in operator_names(operators)))
        deviation = pooled_deviation([scores for _, scores in rows])
        title = f"{asked.name}: score by order, a dot per seed (from seed to seed {deviation:.1f})"
        yield _file("orders", asked, short), title, strip(title, rows, reference=_dense(asked))


def _prediction_figures(asked: Asked) -> Iterator[tuple[str, str, str]]:
    if not asked.answers.prediction.numbers:
        return
    points = []
    for order, by_seed in sorted(asked.group.runs.items()):
        for seed, record in by_seed.items():
            if prediction := predict(asked.group, order, seed):
                final = record.final
                points.append((prediction.additive, final.score, bool(final.exits)))
    title = f"{asked.name}: predicted and measured (squares end with exits)"
    drawn = scatter(title, points, across="sum of single effects, %", up="measured, %")
    yield _file("predicted", asked), title, drawn


def _size_figure(asked: Sequence[Asked], files: dict[str, str]) -> str:
    rows = [
        (
            f"{study.name}, {' and '.join(pair)}",
            *(verdict.numbers[k] for k in ("difference", "low", "high")),
        )
        for study in asked
        for pair, verdict in study.answers.sizes.items()
        if verdict.numbers
    ]
    if not rows:
        return ""
    title = "M: both reductions over the product of each, 95 % interval"
    files["study/multiplied.svg"] = intervals(title, rows, at=1.0)
    return f"\n![{title}](study/multiplied.svg)\n"


def _layer_figures(asked: Asked) -> Iterator[tuple[str, str, str]]:
    rows = [
        (f"drop {_rule(order)}", list(asked.group.scores(order).values()))
        for order in sorted(asked.group.runs)
        if operator_names(order) == ("drop",) and len(asked.group.runs[order]) > 1
    ]
    if len(rows) > 2:
        rows.sort(key=lambda row: -np.mean(row[1]))
        title = f"{asked.name}: layers dropped, by rule"
        yield _file("layers", asked), title, strip(title, rows, reference=_dense(asked))


def _rule(order: Order) -> str:
    return order[0].removeprefix("drop(").partition(", epochs")[0].removesuffix(")")


if __name__ == "__main__":
    main()
