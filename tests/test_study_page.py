"""The study's page says what the shipped records say, and nothing else."""

import pytest

from benchmarks import study_page
from effexplorer import home
from effexplorer.analysis.groups import group
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


def test_every_question_is_answered_or_says_why_not(files):
    sections = files["study.md"].split("\n## ")[1:]
    assert len(sections) == 6
    for section in sections:
        assert "| **" in section or "Void" in section or "Cannot be told" in section


def test_every_table_has_as_many_cells_in_each_row(files):
    for table in files["study.md"].split("\n\n"):
        if table.startswith("| "):
            assert len({line.count("|") for line in table.splitlines()}) == 1


def test_groups_of_one_task_are_told_apart(tmp_path):
    records = [
        a_record("prune", seed=seed, model=model) for seed in (0, 1) for model in ("tiny", "minilm")
    ]
    asked = study_page.ask(group(records), tmp_path)
    assert sorted(one.name for one in asked) == [
        "sst2 (minilm, 20,000 rows)",
        "sst2 (tiny, 20,000 rows)",
    ]


def test_matched_exits_and_swept_sizes_have_rows(tmp_path):
    steps = ("", "exit > slenderize", "slenderize > exit(catch_up=yes)")
    records = [a_record(step, seed=seed) for step in steps for seed in (0, 1)]
    (asked,) = study_page.ask(group(records), tmp_path)
    ((pair, verdict),) = asked.answers.exits.items()
    assert pair.matched and "two seeds with curves" in verdict.sentence
