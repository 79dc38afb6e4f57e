import itertools
import random
from math import comb

import pytest

from effexplorer.operators.layer_rules import (
    POSITIONS,
    exhaustive,
    greedy,
    half,
    in_words,
    part_epochs,
    short_trainings,
    whole_trainings,
)
from effexplorer.training.schedule import planned_sentences, steps

GONE = None  # a layer that is no candidate any more

# What Peer et al. logged for BERT-base with 15 % of the training split held out, to 3 decimals: the
# scores of the candidates 0 to 11 of the first removals, by the layers gone already.
# Source: github.com/deepopinion/greedy-layer-pruning.
PUBLISHED = {
    "sst2": {
        (): [0.953, 0.955, 0.954, 0.955, 0.954, 0.953, 0.953, 0.954, 0.954, 0.954, 0.955, 0.955],
        (11,): [0.953, 0.954, 0.954, 0.954, 0.954, 0.952, 0.952, 0.953, 0.954, 0.954, 0.954, GONE],
        (11, 10): [
            0.955,
            0.953,
            0.953,
            0.953,
            0.952,
            0.953,
            0.953,
            0.953,
            0.955,
            0.953,
            GONE,
            GONE,
        ],
    },
    "qnli": {
        (): [0.895, 0.897, 0.893, 0.895, 0.894, 0.893, 0.895, 0.896, 0.896, 0.893, 0.897, 0.895],
        (10,): [0.890, 0.891, 0.892, 0.892, 0.889, 0.890, 0.890, 0.890, 0.892, 0.881, GONE, 0.884],
        (10, 8): [0.887, 0.889, 0.886, 0.887, 0.887, 0.887, 0.885, 0.888, GONE, 0.880, GONE, 0.881],
    },
}


def made_up_scores(seed: int):
    """Return a score with many ties that is a pure function of the layers left out."""
    return lambda removed: random.Random(f"{seed} {removed}").randrange(6)  # noqa: S311 - made data


@pytest.mark.parametrize(("task", "order"), [("sst2", (11, 10, 8)), ("qnli", (10, 8, 1))])
def test_greedy_removes_the_published_layers_from_the_published_scores(task, order):
    scores = PUBLISHED[task]
    assert greedy(12, 3, lambda removed: scores[removed[:-1]][removed[-1]]) == order


@pytest.mark.parametrize("seed", range(20))
def test_greedy_takes_at_each_removal_the_best_and_of_equals_the_highest(seed):
    score, asked = made_up_scores(seed), []
    order = greedy(7, 4, lambda removed: asked.append(removed) or score(removed))
    for count in range(4):
        gone, left = order[:count], sorted(set(range(7)) - set(order[:count]))
        best = max(score((*gone, layer)) for layer in left)
        equals = [layer for layer in left if score((*gone, layer)) == best]
        assert order[count] == equals[-1]
        assert [removed for removed in asked if len(removed) == count + 1] == [
            (*gone, layer) for layer in left
        ]


def test_the_better_half_goes_on_to_the_next_score_and_the_last_one_decides():
    first = {0: 3, 1: 9, 2: 3, 3: 1, 4: 8}  # 1 and 4, and of the equals 0 and 2 the higher
    later = {1: 5, 2: 7, 4: 7}
    asked = []

    def second(removed):
        asked.append(removed)
        return later[removed[0]]

    assert greedy(5, 1, lambda removed: first[removed[0]], second) == (4,)
    assert asked == [(1,), (2,), (4,)]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_exhaustive_takes_the_best_combination_and_of_equals_the_last(seed, count):
    score = made_up_scores(seed)
    every = list(itertools.combinations(range(6), count))
    best = [removed for removed in every if score(removed) == max(map(score, every))]
    assert exhaustive(6, count, score) == best[-1]


@pytest.mark.parametrize(
    ("rule", "layers", "count", "removed"),
    [
        ("top", 12, 6, (6, 7, 8, 9, 10, 11)),
        ("bottom", 12, 4, (0, 1, 2, 3)),
        ("alternate", 12, 4, (5, 7, 9, 11)),
        ("alternate", 6, 3, (1, 3, 5)),
        ("alternate", 5, 3, (0, 2, 4)),
        ("symmetric", 12, 6, (3, 4, 5, 6, 7, 8)),
        ("symmetric", 12, 4, (4, 5, 6, 7)),
        ("symmetric", 6, 3, (2, 3, 4)),
    ],
)
def test_rules_by_place_take_the_layers_of_their_definition(rule, layers, count, removed):
    assert POSITIONS[rule](layers, count) == removed


@pytest.mark.parametrize("rule", POSITIONS)
def test_rules_by_place_give_that_many_layers_of_the_model(rule):
    for layers in range(2, 25):
        most = half(layers) if rule == "alternate" else layers - 1
        for count in range(1, most + 1):
            removed = POSITIONS[rule](layers, count)
            assert len(set(removed)) == count and set(removed) <= set(range(layers))


@pytest.mark.parametrize("layers", [3, 6, 12])
@pytest.mark.parametrize("count", [1, 2])
def test_the_trainings_foretold_are_those_that_a_search_asks_for(layers, count):
    asked = []

    def score(part):
        return lambda removed: asked.append(part) or made_up_scores(0)(removed)

    greedy(layers, count, score(1))
    assert len(asked) == whole_trainings("greedy", layers, count)
    assert len(asked) == layers * count - comb(count, 2)
    asked.clear()
    exhaustive(layers, count, score(1))
    assert len(asked) == whole_trainings("exhaustive", layers, count) == comb(layers, count)
    asked.clear()
    greedy(layers, count, score(30), score(15))
    assert asked == short_trainings(layers, count)


def test_greedy_needs_57_trainings_for_half_of_bert_base():
    assert whole_trainings("greedy", 12, 6) == 57


@pytest.mark.parametrize("examples", [8, 47, 1_000, 60_615])
@pytest.mark.parametrize("epochs", [0.05, 1.0, 2.5])
@pytest.mark.parametrize("part", [1, 15, 30])
def test_a_part_of_a_fine_tuning_is_cut_to_whole_batches(examples, epochs, part):
    batches = part_epochs(examples, epochs, part) * steps(examples, 1)
    assert round(batches) == pytest.approx(batches) == steps(examples, epochs) // part
    planned = planned_sentences(examples, part_epochs(examples, epochs, 1))
    assert planned == planned_sentences(examples, epochs)


def test_layers_are_told_from_one_as_people_count():
    assert in_words((5, 2)) == "layers 6, 3" and in_words((0,)) == "layer 1"
