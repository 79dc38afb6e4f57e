"""The study's page says what the shipped records say, and nothing else."""

import numpy as np
import pytest

from benchmarks import study_answers, study_page
from effexplorer import home
from effexplorer.analysis.groups import group
from effexplorer.exits.table import ExitTable, read_table, write_table
from effexplorer.records.schema import EXIT_TABLE_SUFFIX
from effexplorer.records.store import open_store
from tests.builders import a_record


@pytest.fixture(scope="module")
def files():
    return study_page.page(home.precomputed_folder() / "runs")


def test_the_page_and_its_figures_are_those_of_the_shipped_records(files):
    docs = study_page.ROOT / "docs"
    drawn = {f"study/{path.name}" for path in (docs / "study").glob("*.svg")}
    assert drawn == set(files) - {"study.md"}
    for name, text in files.items():
        assert (docs / name).read_text("utf-8") == text


def test_every_question_has_an_answer(files):
    sections = files["study.md"].split("\n## ")[1:]
    assert len(sections) == 6
    for section in sections:
        assert "**yes**" in section or "**no**" in section or "**cannot tell**" in section


def test_orders_of_other_knobs_are_not_mixed_into_a_pair_with_exits(tmp_path):
    table = ExitTable(
        logits=np.random.default_rng(0).normal(0, 1, (20, 2, 2)),
        temperatures=np.ones(2),
        macs=np.tile([100, 200], (20, 1)),
        layers=np.array([1, 2]),
        labels=np.arange(20) % 2,
        tokens=np.full(20, 9),
        tags=np.array([]),
        threshold=np.array(np.nan),
    )
    records = []
    for knobs, seeds in (("(epochs=4)", (0, 1)), ("", (0,))):
        for steps in (f"exit{knobs} > slenderize{knobs}", f"slenderize{knobs} > exit{knobs}"):
            records += [a_record(steps, seed=seed) for seed in seeds]
    for record in records:
        write_table(table, tmp_path / f"{record.id}{EXIT_TABLE_SUFFIX}")
    (one,) = group(records)
    ((first, last, verdict),) = study_answers.exits(one, tmp_path)
    assert first == ("exit(epochs=4.0)", "slenderize(epochs=4.0)")
    assert last == first[::-1]
    assert (verdict.numbers["seeds"], verdict.numbers["area"]) == (2, 0)


def test_the_counts_of_labels_are_those_of_the_shipped_tables():
    runs, seen = home.precomputed_folder() / "runs", set()
    for run in open_store().runs():
        task, table = run.record.task, runs / f"{run.record.id}{EXIT_TABLE_SUFFIX}"
        if task in study_answers.LABELS and task not in seen and table.is_file():
            seen.add(task)
            assert (
                tuple(np.bincount(read_table(table).labels.astype(int)))
                == (study_answers.LABELS[task])
            )
    assert seen == {"reviews", "sst2", "mrpc"}  # RTE has no run with exits
