import dataclasses

import pytest

from effexplorer.analysis.groups import group, in_words, operator_names, order_of, setting
from effexplorer.figures.points import points
from effexplorer.models.catalog import find_model
from effexplorer.models.source import located_here
from effexplorer.records.schema import EXPLORED, Record
from effexplorer.records.store import HERE, Run
from effexplorer.tasks.spec import TASKS
from tests.analysis.builders import made_group
from tests.builders import a_record


def test_runs_of_other_models_and_tasks_are_other_groups_the_largest_first():
    records = [a_record(), a_record("prune"), a_record(task="rte"), a_record(model="bert-base")]
    assert [len(one.runs) for one in group(records)] == [2, 1, 1]
    assert group(records)[0].setting.task == "sst2"


def test_explored_runs_are_no_part_of_a_group_of_confirmed_ones():
    explored = dataclasses.replace(a_record("prune"), phase=EXPLORED)
    assert [len(one.runs) for one in group([a_record(), explored])] == [1, 1]


def test_an_order_is_its_steps_as_typed():
    record = a_record("distill > prune(sparsity=0.5) > quantize")
    assert order_of(record) == ("distill", "prune(sparsity=0.5)", "quantize")
    assert operator_names(order_of(record)) == ("distill", "prune", "quantize")
    assert in_words(order_of(record)) == "distill > prune > quantize"
    assert in_words(()) == "dense"


def test_scores_stand_by_seed():
    found = made_group({"prune": {2: 80.0, 0: 81.0}})
    assert list(found.scores(("prune",)).items()) == [(0, 81.0), (2, 80.0)]
    assert found.scores(("distill",)) == {}


def test_orders_of_a_set_are_those_of_the_same_steps():
    found = made_group(
        {
            "distill > prune": {0: 1.0},
            "prune > distill": {0: 1.0},
            "prune(sparsity=0.5) > distill": {0: 1.0},
        }
    )
    assert found.orders(("prune", "distill")) == [("distill", "prune"), ("prune", "distill")]
    assert found.sets() == [("distill", "prune"), ("distill", "prune(sparsity=0.5)")]


def test_a_quantize_that_must_train_belongs_to_the_set_with_one_that_need_not():
    found = made_group({"distill > quantize": {0: 1.0}, "quantize(mode=aware) > distill": {0: 1.0}})
    assert found.orders(("distill", "quantize")) == [
        ("distill", "quantize"),
        ("quantize(mode=aware)", "distill"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"weights": {"sha256": "other"}},
        {"weights": {"tokenizer": "other"}},
        {"weights": {"config": "other"}},
        {"data": {"settings": "other"}},
        {"score_name": "f1"},
    ],
    ids=str,
)
def test_runs_of_other_files_settings_or_scores_are_no_seeds_of_one(change):
    assert len(group([a_record(), changed(change)])) == 2
    assert len(points([Run(a_record(), HERE), Run(changed(change), HERE)], "bytes")) == 2


def test_a_run_of_what_the_shipped_records_were_made_with_is_grouped_with_them():
    here = located_here(find_model("minilm"))
    settings = {"settings": TASKS["sst2"].settings}
    (one,) = group([a_record(), changed({"weights": here.hashes(), "data": settings})])
    assert one.setting == setting(a_record()) and list(one.runs[()]) == [0, 1]


def test_runs_of_other_students_are_no_seeds_of_one_and_keep_their_dense_model():
    teachers = [a_record("distill", seed=seed) for seed in (0, 1)]
    other = changed({"weights": {"students": {"bert-tiny": {"sha256": "other"}}}}, "distill")
    (one,) = group([a_record(), *teachers, other])
    assert list(one.runs) == [(), ("distill",)] and one.runs[("distill",)][1] == teachers[1]
    assert len(points([Run(record, HERE) for record in (*teachers, other)], "bytes")) == 2


def changed(change: dict, steps: str = "") -> Record:
    """Return the record of seed 1 with ``change`` in its fields, or in the values of these."""
    record = a_record(steps, seed=1)
    fields = {
        name: getattr(record, name) | value if isinstance(value, dict) else value
        for name, value in change.items()
    }
    return dataclasses.replace(record, **fields)
