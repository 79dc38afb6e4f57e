import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.layers import greedy_against_exhaustive, layer_evidence, pairs
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge
from effexplorer.published import Removal, removals
from tests.analysis.builders import made_group, seeded


def logged(search, layers, score, *, task="sst2", split="dev"):
    return Removal(split, "bert-base-uncased", task, search, layers, score)


def every_pair(best=(3, 7), score=90.0):
    scores = {(one, two): 80.0 for two in range(12) for one in range(two)}
    scores |= {(10, 11): 70.0, best: score}
    return [logged("exhaustive", layers, points) for layers, points in scores.items()]


def test_greedys_pair_stands_beside_the_best_of_all():
    (found,) = pairs([logged("greedy", (7,), 91.0), logged("greedy", (7, 1), 89.5), *every_pair()])
    assert (found.greedy, found.greedy_score) == ((7, 1), 89.5)
    assert (found.best, found.best_score, found.top_score) == ((3, 7), 90.0, 70.0)
    assert found.difference == 0.5 and found.rank == 2


def test_other_splits_and_tasks_without_an_exhaustive_search_do_not_count():
    rows = [
        logged("greedy", (7, 1), 89.5, task="qqp"),
        logged("greedy", (7, 1), 89.5, split="train85_15"),
        *every_pair(),
    ]
    assert pairs(rows) == []
    assert greedy_against_exhaustive(rows).answer == CANNOT_TELL


@pytest.mark.parametrize(
    ("score", "answer", "words"),
    [
        (89.5, YES, "Greedy search comes close to the best two layers to drop: as good in 0 of 1"),
        (88.5, NO, "Greedy search does not always come close"),
    ],
)
def test_one_point_is_close(score, answer, words):
    found = greedy_against_exhaustive([logged("greedy", (7, 1), score), *every_pair()])
    assert found.answer == answer and found.sentence.startswith(words)
    assert f"at most {90 - score:.1f} points below (bert-base-uncased, sst2)" in found.sentence


def test_in_the_published_logs_greedy_is_within_seven_tenths_in_all_fourteen_cases():
    found = pairs(removals())
    assert len(found) == 14
    assert max(one.difference for one in found) == pytest.approx(0.7)
    assert min(one.difference for one in found) == 0
    assert greedy_against_exhaustive(removals()).answer == YES


def test_the_published_best_pairs_are_those_of_a_plain_search():
    rows = [row for row in removals() if row.search == "exhaustive"]
    for pair in pairs(removals()):
        scores = {
            row.layers: row.score
            for row in rows
            if (row.model, row.task) == (pair.model, pair.task)
        }
        assert len(scores) == 66
        assert scores[pair.best] == pair.best_score == max(scores.values())
        assert scores[tuple(sorted(pair.greedy))] == pair.greedy_score
        assert (
            pair.rank
            == stats.rankdata([-s for s in scores.values()], "min")[
                list(scores).index(tuple(sorted(pair.greedy)))
            ]
        )


def test_the_top_two_are_the_worst_pair_for_bert_on_qnli():
    (one,) = [
        pair
        for pair in pairs(removals())
        if (pair.model, pair.task) == ("bert-base-uncased", "qnli")
    ]
    scores = [
        row.score
        for row in removals()
        if row.search == "exhaustive" and row.task == "qnli" and row.model == "bert-base-uncased"
    ]
    assert one.top_score == min(scores)


def drops(greedy, top, *, greedy_step="drop(layers=3, epochs=4.0)"):
    return made_group({greedy_step: greedy, "drop(layers=3, rule=top, epochs=4.0)": top})


@pytest.mark.parametrize(
    ("greedy", "top", "answer"),
    [
        ((74, 75, 73), (70, 71.2, 69.1), YES),
        ((70, 71.2, 69.1), (74, 75, 73), NO),
        ((70, 75, 73), (74, 71, 73), CANNOT_TELL),
    ],
)
def test_greedy_and_top_are_compared_by_seed(greedy, top, answer):
    (found,) = judge(list(layer_evidence(drops(seeded(*greedy), seeded(*top))).values()))
    assert found.answer == answer
    expected = stats.ttest_1samp(np.subtract(greedy, top), 0).confidence_interval()
    assert (found.numbers["low"], found.numbers["high"]) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    "group",
    [
        drops(seeded(74, 75), {5: 70.0}),
        drops(seeded(74, 75), seeded(70, 71), greedy_step="drop(layers=3)"),
        drops(seeded(74, 75), seeded(70, 71), greedy_step="drop(epochs=4.0)"),
        drops(seeded(74, 75), seeded(70, 71), greedy_step="prune > drop(layers=3, epochs=4.0)"),
        drops(seeded(74.0), seeded(70.0)),
    ],
    ids=["other seeds", "other epochs", "other layers", "more than one step", "one seed"],
)
def test_other_runs_are_not_compared(group):
    assert layer_evidence(group) == {}


def test_layers_dropped_down_to_one_answer_for_all_are_void():
    group = drops(seeded(52.0, 50.0, 51.0), seeded(70.0, 71.0, 70.0))
    (found,) = judge(list(layer_evidence(group).values()))
    assert found.void and "drop is not surely above one answer for all" in found.sentence
