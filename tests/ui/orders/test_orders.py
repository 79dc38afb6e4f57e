import dataclasses
import itertools
import json
import re
from statistics import fmean

import numpy as np
import pytest

from effexplorer import limits
from effexplorer.analysis.groups import group
from effexplorer.analysis.orders import all_orders
from effexplorer.errors import UserError
from effexplorer.exits.table import ExitTable, write_table
from effexplorer.jobs import JobQueue
from effexplorer.pipeline import Pipeline
from effexplorer.records.schema import EXIT_TABLE_SUFFIX
from effexplorer.records.store import HERE, SHIPPED, Run
from effexplorer.ui.orders.cards import cards, question
from effexplorer.ui.orders.choice import Choice, focused, read_choice
from effexplorer.ui.orders.orders import exit_curves, job_of, read_order
from effexplorer.ui.orders.state import orders_state
from tests.builders import a_record, some_exits

OWNER = "0123456789abcdef" * 2
SINGLE = ("", "distill", "prune", "quantize")
SOME = ("distill > prune > quantize", "prune > distill > quantize")


def runs(*steps, seeds=(0,), **changes):
    return [Run(a_record(step, seed=seed, **changes), SHIPPED) for step in steps for seed in seeds]


def shown(found, choice=None, job=lambda id: None):
    groups = group(run.record for run in found)
    asked, among = focused(read_choice(choice or {}), groups)
    return orders_state(asked, among, groups, found, job)


def row(state, letters):
    return next(one for one in state["rows"] if one["letters"] == letters)


def no_curves(order):
    return {}


def answers(found, operators, curves=no_curves):
    among = group(run.record for run in found)[0]
    return {card["title"]: card for card in cards(question(among, operators, curves))}


def test_the_state_is_plain_json():
    json.dumps(shown(runs(*SINGLE, *SOME)), allow_nan=False)


def test_without_any_run_the_tab_offers_what_can_be_queued():
    state = shown([])
    assert len(state["rows"]) == 6 and all(one["missing"] for one in state["rows"])
    assert state["dense"] is state["predicted"] is None and state["margin"] == 1.0


def test_the_tab_opens_on_the_set_with_the_most_orders_and_seeds():
    few = runs("distill > prune", seeds=range(9))
    pair = runs("exit > slenderize", "slenderize > exit", seeds=(0, 1), task="rte")
    choice = shown([*few, *runs(*SOME), *pair])["choice"]
    assert (choice["task"], choice["operators"]) == ("rte", ["exit", "slenderize"])


def test_every_order_is_a_row_the_best_mean_first_and_those_not_run_last():
    low = runs("distill > prune > quantize", score=70.0)
    state = shown([*low, *runs("prune > distill > quantize", score=80.0)])
    found = [one["letters"] for one in state["rows"]]
    assert found[:2] == ["P>D>Q", "D>P>Q"]
    assert sorted(found) == sorted(map(">".join, itertools.permutations("DPQ")))


def test_a_row_tells_every_seed_and_their_mean():
    found = [
        Run(a_record("distill > prune", seed=seed, score=score), SHIPPED)
        for seed, score in ((0, 80.0), (2, 83.0))
    ]
    one = row(shown(found), "D>P")
    assert [(each["seed"], each["score"]) for each in one["seeds"]] == [(0, 80.0), (2, 83.0)]
    assert one["mean"] == fmean((80.0, 83.0)) and one["score"] == "81.5 %"
    assert [each["id"] for each in one["seeds"]] == [run.record.id for run in found]


def test_what_is_missing_is_the_run_that_would_be_made():
    state = shown([*runs(*SOME, seeds=(0, 1)), *runs("distill > quantize(mode=aware) > prune")])
    assert [one["seed"] for one in row(state, "D>Q>P")["missing"]] == [1]
    made = row(state, "Q>D>P")
    wanted = a_record("quantize(mode=aware) > distill > prune", seed=1).id
    assert [one["seed"] for one in made["missing"]] == [0, 1]
    assert made["missing"][1]["id"] == wanted


def test_the_state_of_a_job_stands_in_its_row():
    wanted = a_record("prune > quantize(mode=aware) > distill").id
    state = shown(runs(*SOME), job=lambda id: {"state": "queued"} if id == wanted else None)
    told = {one["letters"]: one["missing"][0]["job"] for one in state["rows"] if one["missing"]}
    assert told.pop("P>Q>D") == {"state": "queued"}
    assert set(told.values()) == {None}


def test_an_order_that_cannot_be_run_is_no_row_and_its_reason_is_told():
    state = shown(runs("prune > quantize(bits=4)"))
    assert [one["letters"] for one in state["rows"]] == ["P>Q"]
    assert (state["illegal"]["count"], state["illegal"]["letters"]) == (1, "Q>P")
    assert state["illegal"]["problem"].startswith("prune: a step that trains must stand before")


def test_every_legal_typed_order_is_a_pipeline_without_problems():
    for order, problem in all_orders("minilm", ("exit", "prune", "quantize", "trim")):
        assert problem is None
        made = read_order({"order": list(order), "choice": {}}, [])
        assert made.problems() == []


def test_a_quantize_that_trains_belongs_to_the_set_of_the_plain_one():
    found = runs("distill > prune > quantize", "quantize(mode=aware) > distill > prune")
    listed = [one["operators"] for one in shown(found)["options"]["sets"]]
    assert listed == [["distill", "prune", "quantize"]]


def test_knobs_that_a_set_shares_are_told_once():
    found = runs("distill(epochs=4) > prune(epochs=4, sparsity=0.8)")
    (only,) = shown(found)["options"]["sets"]
    assert only["knobs"] == "all epochs=4.0; P sparsity=0.8"


def test_multi_exit_orders_count_at_full_depth_or_where_sentences_leave():
    found = runs("prune > exit", score=90.0, **some_exits())
    for early, score in ((False, "90.0 %"), (True, "89.4 %")):
        state = shown(found, {"early": early, "cost": "macs"})
        assert state["exits"] and row(state, "P>E")["score"] == score
    assert row(state, "P>E")["macs"] == "122 M"
    assert row(state, "P>E")["path"][-1] == ["E", pytest.approx(0.1225), 89.4]


def test_the_prediction_is_that_of_single_operators_at_full_depth():
    state = shown(runs(*SINGLE, *SOME))
    assert state["predicted"] == pytest.approx(90.0 - 1.4 - 0.9 - 0.3)
    assert shown(runs(*SINGLE, *SOME), {"early": True})["predicted"] is None


def test_the_prediction_is_for_the_seeds_that_the_orders_have():
    luckier = [
        Run(a_record(one, seed=1, score=score), SHIPPED)
        for one, score in (("", 95.0), ("distill", 93.0), ("prune", 94.0))
    ]
    found = [*runs("", "distill", "prune"), *luckier]
    for seeds, expected in (((0,), 87.7), ((1,), 92.0), ((0, 1), (87.7 + 92.0) / 2)):
        state = shown([*found, *runs("distill > prune", seeds=seeds)])
        assert state["predicted"] == pytest.approx(expected)


def test_a_choice_of_other_runs_keeps_to_them():
    other = dataclasses.replace(
        runs("prune > distill")[0].record,
        pipeline=a_record("prune > distill").pipeline | {"train_examples": 500},
    )
    found = [*runs(*SOME), Run(other, HERE)]
    settings = dict(shown(found)["options"]["settings"])
    (key,) = [name for name, title in settings.items() if title.startswith("500 ")]
    state = shown(found, {"setting": key, "task": "sst2", "model": "minilm"})
    assert state["choice"]["operators"] == ["distill", "prune"]
    assert read_order({"order": ["prune"], "choice": state["choice"]}, found).train_examples == 500
    older = {"setting": key.rpartition("-")[0], "task": "sst2", "model": "minilm"}
    assert shown(found, older)["choice"] == state["choice"]


@pytest.mark.parametrize(
    "choice",
    [
        None,
        {"model": 3},
        {"task": ["sst2"]},
        {"cost": "beauty"},
        {"cost": ["bytes"]},
        {"operators": "prune"},
        {"operators": [1]},
        {"operators": ["prune"] * 5},
        {"operators": ["melt"]},
        {"operators": ["prune > distill"]},
        {"operators": [""]},
        {"operators": ["p" * (limits.MAX_PIPELINE_TEXT + 1)]},
        {"colour": "red"},
    ],
)
def test_what_is_no_choice_is_refused(choice):
    with pytest.raises(UserError, match="must"):
        read_choice(choice)


def test_a_folder_of_the_server_is_looked_at_for_no_browser(tmp_path):
    step = f"distill(student={tmp_path})"
    with pytest.raises(UserError, match="distill: student must be self or one of "):
        shown([], {"operators": [step]})
    found = runs(f"{step} > prune")
    assert shown(found, {"operators": [step, "prune"]})["rows"]


def test_a_choice_survives_the_browser():
    choice = Choice("minilm", "rte", "all-own-012345", ("distill", "prune"), "macs", True)
    assert read_choice(json.loads(json.dumps(choice.to_dict()))) == choice


@pytest.mark.parametrize("order", [None, "prune", [1], ["melt"], ["quantize", "melt"]])
def test_what_is_no_order_is_not_queued(order):
    with pytest.raises(UserError, match="must"):
        read_order({"order": order, "choice": {}, "seed": 0}, [])


def test_a_queued_order_has_the_data_and_epochs_of_the_runs_beside_it():
    found = runs(*SOME)
    asked = {"order": ["prune", "quantize"], "choice": {"task": "sst2"}, "seed": 4}
    assert read_order(asked, found).key == a_record("prune > quantize", seed=4).id


def test_a_job_tells_its_state_and_place(tmp_path):
    job_queue = JobQueue(tmp_path / "jobs", command=("false",), workers=0)
    plan = Pipeline("minilm", "reviews", seed=5)
    assert job_of(job_queue, plan.key) is None
    job_queue.submit(plan, OWNER)
    assert job_of(job_queue, plan.key) == {"state": "queued", "place": 1, "failure": ""}
    job_queue.close()


def test_order_matters_is_no_where_orders_commute():
    found = [
        Run(a_record(one, seed=seed, score=80.0 + seed), SHIPPED) for one in SOME for seed in (0, 1)
    ]
    card = answers(found, ("distill", "prune", "quantize"))["Does order matter?"]
    assert card["answer"] == "no" and "does not matter" in card["sentence"]
    (yes, no_chance), (no, chance) = card["needs"]
    assert (yes, no) == ("yes", "no")
    assert "no two orders were more than 1 point apart" in no_chance
    assert "two orders were 1 point apart; it is < 0.001" in chance


def test_order_matters_is_yes_where_one_order_is_far_better():
    found = [
        Run(a_record(one, seed=seed, score=score + seed / 10), SHIPPED)
        for one, score in zip(SOME, (70.0, 85.0), strict=True)
        for seed in (0, 1, 2)
    ]
    assert answers(found, ("distill", "prune", "quantize"))["Does order matter?"]["answer"] == "yes"


def test_only_a_set_with_exits_asks_about_exits():
    plain = answers(runs(*SOME), ("distill", "prune", "quantize"))
    exits = answers(runs("exit > prune"), ("exit", "prune"))
    assert len(plain) == 3 and len(exits) == 4
    assert exits["Are exits better before compression than after?"]["answer"] == "cannot tell"


def test_the_card_on_sizes_lists_every_pair_that_makes_the_model_smaller():
    card = answers(runs(*SINGLE, *SOME, "exit"), ("distill", "exit", "prune", "quantize"))[
        "Do size reductions multiply?"
    ]
    told = [card["sentence"], *(one["sentence"] for one in card["more"])]
    assert len(told) == 1  # of these, only distill, prune and quantize were run together
    assert not any("exit" in one for one in told)


def test_a_card_says_the_practical_size_and_the_thresholds():
    found = [
        Run(a_record(one, seed=seed, score=score + seed % 2), SHIPPED)
        for one, score in zip(SOME, (80.0, 81.5), strict=True)
        for seed in (5, 6, 7)
    ]
    found = [dataclasses.replace(run, record=with_rows(run.record, 872)) for run in found]
    card = answers(found, ("distill", "prune", "quantize"))["Does order matter?"]
    assert "1.5 points apart, about 13 of 872 sentences" in card["sentence"]
    assert all("p < 0.05 if" in text and "1 point" in text for _, text in card["needs"])


def with_rows(record, rows):
    return dataclasses.replace(record, data=record.data | {"validation_examples": rows})


def test_claims_name_their_paper_and_quote_no_figure():
    for card in answers(runs("exit > prune"), ("exit", "prune")).values():
        assert re.search(r"et al\. 202[23], .*arXiv \d{4}\.\d{5}$", card["source"])
        assert not re.search(r"\d", card["claim"])


def exit_table(right):
    """Return the table of 40 examples with two exits; at the first, ``right`` of them are right."""
    labels = np.arange(40) % 2
    sure = np.linspace(1, 4, 40)
    first = np.where(np.arange(40) < right, labels, 1 - labels)
    answers = np.stack([first, labels], axis=1)  # (examples, exits)
    logits = np.zeros((40, 2, 2), dtype=np.float32)
    np.put_along_axis(logits, answers[..., None], np.stack([sure, sure + 1], 1)[..., None], axis=2)
    return ExitTable(
        logits=logits,
        temperatures=np.ones(2),
        macs=np.tile([50, 100], (40, 1)),
        layers=np.array([3, 6]),
        labels=labels,
        tokens=np.full(40, 9),
        tags=np.array([]),
        threshold=np.array(0.9),
    )


@pytest.mark.parametrize(
    ("last", "answer", "words"),
    [
        ("slenderize > exit(catch_up=yes)", "yes", "Orders exit > slenderize score at the same"),
        ("slenderize > exit", "cannot tell", "Void: exits were trained for 4 epochs in exit >"),
    ],
)
def test_exits_of_matched_training_are_compared_by_their_curves(tmp_path, last, answer, words):
    found = []
    for steps, right in (("exit > slenderize", 38), (last, 20)):
        for run in runs(steps, seeds=(0, 1, 2), **some_exits()):
            table = exit_table(right + run.record.seed)
            write_table(table, tmp_path / f"{run.record.id}{EXIT_TABLE_SUFFIX}")
            found.append(run)
    among = group(run.record for run in found)[0]
    curves = exit_curves(among, found, {SHIPPED: tmp_path})
    card = answers(found, ("exit", "slenderize"), curves)[
        "Are exits better before compression than after?"
    ]
    assert card["answer"] == answer and card["sentence"].startswith(words)


def test_a_table_that_is_not_kept_leaves_its_seed_out(tmp_path):
    found = runs("exit > slenderize", **some_exits())
    among = group(run.record for run in found)[0]
    assert exit_curves(among, found, {SHIPPED: tmp_path})(("exit", "slenderize")) == {}
