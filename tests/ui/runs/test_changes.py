import dataclasses

import numpy as np
import pytest

from effexplorer.records.answers import from_logits, write_answers
from effexplorer.records.files import write_record
from effexplorer.records.schema import ANSWERS
from effexplorer.records.store import HERE, Store
from effexplorer.tasks.data import validation
from effexplorer.ui.runs import changes
from effexplorer.ui.runs.changes import changed_sentences, differing
from tests.builders import a_record


@pytest.fixture
def store(tmp_path):
    return Store({HERE: tmp_path})


@pytest.fixture(scope="module")
def labels():
    return np.array(validation("reviews").labels)


def kept(store, steps, wrong, labels):
    """Return the run of a model that is wrong in the given rows."""
    record, values = a_record(steps, task="reviews"), labels.copy()
    values[wrong] = 1 - values[wrong]
    write_record(record, store.folders[HERE])
    stage = from_logits(np.eye(2)[values] * 3, labels)
    stages = [stage] * len(record.stages)
    write_answers(stages, store.folders[HERE] / f"{record.id}{ANSWERS}")
    return store.find(record.id)


def test_the_sentences_that_changed_are_counted_and_shown(store, labels):
    runs = [kept(store, "prune", [0, 1], labels), kept(store, "distill", [1, 2, 3], labels)]
    (pair,) = changed_sentences(runs, store)
    assert (pair["gained"], pair["lost"], pair["otherwise"]) == (1, 2, 0)
    texts = validation("reviews").texts[0]
    assert {row["text"] for row in pair["rows"]} == {texts[0], texts[2], texts[3]}
    assert {row["kind"] for row in pair["rows"]} == {"gained", "lost"}


def test_without_the_data_the_counts_alone_are_told(store, labels, monkeypatch):
    runs = [kept(store, "prune", [0], labels), kept(store, "distill", [1], labels)]
    monkeypatch.setattr(changes, "visible_tasks", dict)
    (pair,) = changed_sentences(runs, store)
    assert (pair["gained"], pair["lost"]) == (1, 1)
    assert not pair["texts"] and not pair["rows"]


def test_runs_whose_answers_are_not_kept_have_no_changes(store, labels):
    record = a_record("quantize", task="reviews")
    write_record(record, store.folders[HERE])
    assert changed_sentences([kept(store, "", [0], labels), store.find(record.id)], store) == []


def test_only_what_differs_is_told_knobs_among_it():
    records = [
        a_record("prune(sparsity=0.5) > quantize", seed=1),
        a_record("prune > quantize", seed=2),
        a_record("distill", seed=1),
    ]
    rows = {row["name"]: row["values"] for row in differing(records)}
    assert rows["Seed"] == ["1", "2", "1"]
    assert rows["prune: sparsity"][0] == "0.5"
    assert rows["prune: sparsity"][2] == "no such step"
    assert not {"Model", "quantize: bits", "Texts cut at"} & set(rows)
    short = dataclasses.replace(records[0], pipeline=records[0].pipeline | {"max_length": 64})
    (cut,) = (row for row in differing([records[0], short]) if row["name"] == "Texts cut at")
    assert cut["values"] == ["the task's own length", "64 word pieces"]
