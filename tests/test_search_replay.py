"""The replay in which searches are compared: its table, its prices, and what it judges by."""

import dataclasses

import pytest

from benchmarks.search.ours import guided, ours
from benchmarks.search.replay import Replay, Spent
from benchmarks.search.rivals import nsga2, random_search, successive_halving, tpe
from benchmarks.search.table import Row, read_rows, shipped_rows, write_rows
from effexplorer.find.space import Steps
from tests.find.builders import a_request, a_stage_event

SEARCHES = (ours, random_search, nsga2, tpe, successive_halving)
SENTENCES = 100


def a_row(steps: Steps, seed: int) -> Row:
    pipeline = a_request().pipeline
    stage = a_stage_event(dataclasses.replace(pipeline, steps=steps), shift=0.1 * seed)
    costs = {name: int(stage[name]) for name in ("bytes", "parameters", "macs")}
    scores = {name: stage[name] for name in ("score", "score_low", "score_high", "latency_ms")}
    return Row(
        task="reviews",
        steps=" > ".join(map(str, steps)),
        seed=seed,
        sentences=SENTENCES,
        model="minilm",
        train_examples=958,
        epochs=8.0,
        **costs,
        **scores,
    )


def trains(steps: Steps) -> bool:
    return all(str(step) in ("distill", "prune", "quantize(mode=aware)") for step in steps)


@pytest.fixture
def rows():
    space = [steps for steps in a_request("D,P,Q").space if trains(steps)]
    return [a_row(steps, seed) for steps in space for seed in range(3)]


def test_the_table_reads_back_as_it_was_written(tmp_path, rows):
    write_rows(rows, tmp_path / "records.csv")
    assert read_rows(tmp_path / "records.csv") == rows


def test_the_shipped_table_has_every_order_of_four_operators_of_both_tasks():
    found = {}
    for row in shipped_rows():
        found.setdefault(row.task, {}).setdefault(row.steps, []).append(row)
    assert {task: len(spaces) for task, spaces in found.items()} == {"sst2": 65, "reviews": 65}
    seeds = {task: {len(runs) for runs in spaces.values()} for task, spaces in found.items()}
    assert seeds == {"sst2": {3}, "reviews": {5}}


def test_a_stage_is_paid_for_once(rows):
    replay = Replay(rows, 0, budget=10_000)
    steps = ("distill", "prune", "quantize(mode=aware)")
    assert replay.price(steps) == 3 * SENTENCES
    replay.measure(steps)
    replay.measure(steps)
    assert replay.spent == 3 * SENTENCES and len(replay.trace) == 3
    assert replay.price(("distill", "quantize(mode=aware)")) == SENTENCES


def test_a_budget_that_does_not_reach_to_the_end_pays_for_the_beginning(rows):
    replay = Replay(rows, 0, budget=2 * SENTENCES)
    with pytest.raises(Spent):
        replay.measure(("distill", "prune", "quantize(mode=aware)"))
    assert replay.spent == 2 * SENTENCES and ("distill", "prune") in replay.seen


def test_the_whole_space_has_all_of_the_hypervolume(rows):
    replay = Replay(rows, 0, budget=10_000)
    for steps in replay.space:
        replay.measure(steps)
    assert replay.share == pytest.approx(1.0)
    assert [share for _, share in replay.trace] == sorted(share for _, share in replay.trace)


@pytest.mark.parametrize("search", SEARCHES, ids=lambda one: one.__name__)
def test_every_search_finds_something_and_keeps_to_its_budget(rows, search):
    replay = Replay(rows, 1, budget=6 * SENTENCES)
    with pytest.raises(Spent):
        search(replay)
    assert 0 < replay.spent <= 6 * SENTENCES and replay.share > 0.3


def test_where_effects_add_up_ours_needs_few_stages(rows):
    replay = Replay(rows, 0, budget=5 * SENTENCES)
    with pytest.raises(Spent):
        guided(replay, [])
    assert replay.share > 0.95
