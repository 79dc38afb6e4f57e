"""The study's page says what the shipped records say, and nothing else."""

import numpy as np
import pytest

from benchmarks import study_answers, study_page
from effexplorer import home
from effexplorer.exits.table import read_table
from effexplorer.record import TABLE
from effexplorer.store import open_store


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


def test_the_counts_of_labels_are_those_of_the_shipped_tables():
    runs, seen = home.precomputed_folder() / "runs", set()
    for run in open_store().runs():
        task, table = run.record.task, runs / f"{run.record.id}{TABLE}"
        if task in study_answers.LABELS and task not in seen and table.is_file():
            seen.add(task)
            assert (
                tuple(np.bincount(read_table(table).labels.astype(int)))
                == (study_answers.LABELS[task])
            )
    assert seen == {"reviews", "sst2", "mrpc"}  # RTE has no run with exits
