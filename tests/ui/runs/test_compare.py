import dataclasses
import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from effexplorer.errors import UserError
from effexplorer.exits.table import write_table
from effexplorer.records.files import write_record
from effexplorer.records.schema import COSTS, EXIT_TABLE_SUFFIX
from effexplorer.records.store import HERE, Store
from effexplorer.ui.runs.compare import compared, read_pins
from tests.builders import a_record, some_exits
from tests.exit_runs import made_table


@pytest.fixture
def store(tmp_path):
    return Store({HERE: tmp_path})


def kept(store, steps, table=None, **changes):
    record = a_record(steps, **changes)
    write_record(record, store.folders[HERE])
    if table:
        write_table(table, store.folders[HERE] / f"{record.id}{EXIT_TABLE_SUFFIX}")
    return record


def test_the_runs_stand_in_the_order_in_which_they_were_pinned(store):
    one, other = kept(store, "prune"), kept(store, "distill > quantize")
    found = compared(store, [other.id, one.id])
    assert [run["id"] for run in found["runs"]] == [other.id, one.id]
    json.dumps(found, allow_nan=False)


def test_a_run_brings_its_tiles_stages_path_and_values(store):
    record = kept(store, "distill > quantize")
    (run,) = compared(store, [record.id])["runs"]
    assert [tile["value"] for tile in run["tiles"]] == [
        "88.3 %", "12.5 MB", "17.5 M", "105 M", "2.0 ms"
    ]  # fmt: skip
    assert len(run["stages"]) == len(run["path"]) == 3
    assert run["path"][-1] == [record.final.bytes / 1e6, record.final.score]
    assert run["values"] == [record.final.score, *(record.final.cost(axis) for axis in COSTS)]


def test_the_curve_of_a_run_with_exits_is_that_of_its_table(store):
    table = made_table(examples=60)
    record = kept(store, "exit", table, **some_exits(4))
    curve = np.array(compared(store, [record.id])["runs"][0]["curve"])
    full = 100 * accuracy_score(table.labels, table.logits[:, -1].argmax(-1))
    first = 100 * accuracy_score(table.labels, table.logits[:, 0].argmax(-1))
    assert curve[-1] == pytest.approx([table.macs[:, -1].mean() / 1e6, full])
    assert curve[0] == pytest.approx([table.macs[:, 0].mean() / 1e6, first])


def test_a_table_that_was_measured_anew_is_read_anew(store):
    record = kept(store, "exit", made_table(examples=60), **some_exits(4))
    before = compared(store, [record.id])["runs"][0]["curve"]
    kept(store, "exit", made_table(examples=60, seed=5), **some_exits(4))
    assert compared(store, [record.id])["runs"][0]["curve"] != before


@pytest.mark.parametrize("damage", [None, b"torn"], ids=["missing", "damaged"])
def test_a_run_whose_table_cannot_be_read_has_no_curve(store, damage):
    record = kept(store, "exit", **some_exits(4))
    if damage:
        (store.folders[HERE] / f"{record.id}{EXIT_TABLE_SUFFIX}").write_bytes(damage)
    assert compared(store, [record.id])["runs"][0]["curve"] == []


def test_runs_whose_answers_are_kept_are_compared_with_the_first(store):
    one = kept(store, "exit", made_table(examples=60), **some_exits(4))
    plain = kept(store, "prune")
    assert compared(store, [one.id, plain.id])["paired"] == []
    again = kept(store, "exit > prune", made_table(examples=60), **some_exits(4))
    (sentence,) = compared(store, [one.id, plain.id, again.id])["paired"]
    assert sentence.startswith("E (seed 0) and E>P (seed 0) on the same 60 rows: the first scores")


def test_runs_that_are_not_here_are_named(store):
    record = kept(store, "prune")
    found = compared(store, ["0" * 12, record.id])
    assert (found["missing"], len(found["runs"])) == (["0" * 12], 1)


def test_runs_of_different_tasks_are_told_apart(store):
    one, other, far = kept(store, "prune"), kept(store, ""), kept(store, "", task="rte")
    assert compared(store, [one.id, other.id])["one_task"]
    assert not compared(store, [one.id, far.id])["one_task"]


def test_runs_of_different_training_rows_or_places_are_told_apart(store):
    one = kept(store, "prune")
    other = dataclasses.replace(a_record("distill"), data={"fingerprint": "f" * 16})
    far = dataclasses.replace(a_record("quantize"), machine={"processor": "another"})
    for record in (other, far):
        write_record(record, store.folders[HERE])
    assert compared(store, [one.id])["one_data"] and compared(store, [one.id])["one_place"]
    assert not compared(store, [one.id, other.id])["one_data"]
    assert not compared(store, [one.id, far.id])["one_place"]


def test_pins_are_up_to_four_different_ids():
    assert read_pins(["0" * 12, "1" * 12, "0" * 12]) == ["0" * 12, "1" * 12]


@pytest.mark.parametrize(
    "data", [None, "0" * 12, {}, ["../x"], [3], [f"{i:012}" for i in range(5)]]
)
def test_what_are_no_pins_is_refused_in_a_sentence(data):
    with pytest.raises(UserError, match="must be"):
        read_pins(data)
