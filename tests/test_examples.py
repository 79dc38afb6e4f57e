from types import SimpleNamespace

import pytest

from benchmarks.examples import BAD, CANDIDATES, GOOD, kind_of
from effexplorer.inference.model import load_exits
from effexplorer.ui.exits.examples import EXAMPLES


def an_answer(exit, labels):
    return SimpleNamespace(exit=exit), SimpleNamespace(labels=labels)


@pytest.mark.parametrize(
    ("exit", "labels", "kind"),
    [
        (0, (GOOD, GOOD), "easy"),
        (1, (BAD, GOOD), "hard"),
        (0, (BAD, GOOD), ""),
        (1, (BAD, BAD), ""),
        (1, (GOOD, GOOD), ""),
    ],
)
def test_a_kind_is_told_by_where_a_text_leaves_and_what_exits_say(exit, labels, kind):
    assert kind_of(*an_answer(exit, labels), GOOD) == kind


def test_the_shipped_model_gets_easy_examples_right_at_once_and_hard_ones_only_by_depth():
    model = load_exits("sst2")
    for example in EXAMPLES["sst2"]:
        assert (*example.texts, example.answer) in CANDIDATES
        (full,) = model(list(example.texts), threshold=None)
        right = [label == example.answer for label in full.labels]
        assert right[-1] and all(right) != example.hard
