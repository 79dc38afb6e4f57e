"""A record of schema 1 and its exit table, as a run wrote them in 2026: they open for ever."""

from pathlib import Path

import pytest

from effexplorer.exits.table import read_table
from effexplorer.pipeline import Pipeline
from effexplorer.records.files import read_record
from effexplorer.tasks import metrics
from effexplorer.tasks.spec import TASKS

FOLDER = Path(__file__).with_name("golden")
ID = "92dcb6802b56"


def test_a_record_of_schema_1_opens_and_its_pipeline_has_the_same_key():
    record = read_record(FOLDER / f"{ID}.json")
    assert record.id == ID == Pipeline.from_dict(record.pipeline).key
    assert record.letters == "Q>P>E>D" and record.final.score == 100 * 200 / 296


def test_its_exit_table_opens_and_gives_the_scores_that_the_record_tells():
    record, table = read_record(FOLDER / f"{ID}.json"), read_table(FOLDER / f"{ID}.exits.npz")
    assert table.logits.shape == (296, 3, 2)
    answers = table.logits.argmax(-1)  # (examples, exits)
    scores = [metrics.score(TASKS["reviews"], exit, table.labels)["accuracy"] for exit in answers.T]
    kept = [exit.score for exit in record.final.exits]
    assert scores == pytest.approx(kept, abs=100 / 296 + 1e-9)  # logits are kept as float16
