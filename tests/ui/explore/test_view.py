import dataclasses

import pytest

from effexplorer.errors import UserError
from effexplorer.records.store import SHIPPED, Run
from effexplorer.ui.explore.view import View, filtered, focused, read_id, read_view
from tests.builders import a_record

STEPS = ("", "distill", "prune", "distill > prune", "distill > prune > quantize")
DATA = a_record().data["fingerprint"]
RUNS = [Run(a_record(step), SHIPPED) for step in STEPS]


def letters(view):
    return [run.record.letters for run in filtered(view, RUNS)]


def test_a_view_survives_the_way_through_the_browser():
    view = View(
        "sst2", "minilm", ("D",), "only", "macs", True, "0" * 12, True, "smallest", 88.5, "latency"
    )
    assert read_view(view.to_dict()) == view


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"task": 3},
        {"operators": "D"},
        {"operators": ["X"]},
        {"operators": [["D"]]},
        {"match": "some"},
        {"cost": "price"},
        {"cost": ["bytes"]},
        {"log": "yes"},
        {"published": "yes"},
        {"question": "worst"},
        {"counted": "bytes"},
        {"bound": "20"},
        {"bound": True},
        {"bound": float("nan")},
        {"bound": float("inf")},
        {"bound": 1e300},
        {"colour": "red"},
    ],
)
def test_what_is_no_view_is_refused_in_a_sentence(data):
    with pytest.raises(UserError, match="must be"):
        read_view(data)


def on_data(fingerprint, rows, **changes):
    record = a_record("prune", **changes)
    data = record.data | {"fingerprint": fingerprint, "train_examples": rows}
    return Run(dataclasses.replace(record, data=data), SHIPPED)


def test_only_runs_of_one_training_set_are_seen_the_largest_unless_another_is_chosen():
    small, large = "a" * 16, "b" * 16
    runs = [on_data(small, 3000), on_data(large, 61013, seed=1), on_data(small, 3000, seed=2)]
    assert filtered(focused(View("sst2"), runs), runs) == [runs[1]]
    assert filtered(focused(View("sst2", data=small), runs), runs) == [runs[0], runs[2]]


def test_runs_of_other_settings_of_a_task_are_another_training_set_that_older_links_still_name():
    rows = on_data("a" * 16, 3000)
    data = rows.record.data | {"settings": "other"}
    other = Run(dataclasses.replace(rows.record, data=data), SHIPPED)
    larger = on_data("b" * 16, 61013)
    link = View("sst2", data="a" * 16)
    assert filtered(focused(link, [rows, other, larger]), [rows, other, larger]) == [rows]
    assert filtered(focused(link, [other, larger]), [other, larger]) == [other]


def test_data_that_the_task_has_no_run_of_give_way_to_its_largest():
    runs = [on_data("a" * 16, 3000), on_data("b" * 16, 61013, task="rte")]
    assert focused(View("sst2", data="b" * 16), runs).data == "a" * 16


@pytest.mark.parametrize("id", ["", "0" * 11, "../../etc/pw", "0" * 12 + "\n", None, 12])
def test_what_is_no_id_is_refused(id):
    with pytest.raises(UserError, match="12 hexadecimal digits"):
        read_id(id)


@pytest.mark.parametrize(
    ("match", "chosen", "left"),
    [
        ("all", (), ["dense", "D", "P", "D>P", "D>P>Q"]),
        ("all", ("D", "P"), ["D>P", "D>P>Q"]),
        ("only", ("D", "P"), ["dense", "D", "P", "D>P"]),
        ("only", (), ["dense"]),
    ],
)
def test_letters_filter_the_runs(match, chosen, left):
    assert letters(View("sst2", operators=chosen, match=match)) == left


def test_a_view_without_a_task_turns_to_the_commonest():
    runs = [*RUNS, Run(a_record(task="rte"), SHIPPED)]
    assert focused(View(), runs).task == "sst2"


def test_filters_that_hide_a_run_are_opened_with_it():
    run = RUNS[1]
    view = View("rte", "tiny", ("Q",), cost="macs", selected=run.record.id, opening=True)
    assert focused(view, RUNS) == View(
        "sst2", cost="macs", selected=run.record.id, opening=True, data=DATA
    )


def test_filters_that_are_set_while_a_run_is_open_stay_and_may_hide_it():
    view = View("sst2", operators=("V",), selected=RUNS[1].record.id)
    assert focused(view, RUNS) == View("sst2", operators=("V",), data=DATA)


def test_a_model_that_the_task_has_no_run_of_is_forgotten():
    runs = [*RUNS, Run(a_record(task="rte", model="tiny"), SHIPPED)]
    assert focused(View("rte", "minilm"), runs).model == ""
    assert focused(View("rte", "tiny"), runs).model == "tiny"


def test_a_selected_run_that_is_gone_is_forgotten():
    assert focused(View("sst2", selected="0" * 12), RUNS).selected == ""
