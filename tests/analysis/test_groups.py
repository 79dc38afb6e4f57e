import dataclasses

from effexplorer.analysis.groups import group, in_words, operator_names, order_of
from effexplorer.records.schema import EXPLORED
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
