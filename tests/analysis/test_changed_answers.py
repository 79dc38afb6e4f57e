import numpy as np

from effexplorer.analysis.changed_answers import changed_answers
from effexplorer.records.answers import from_logits

LABELS = np.array([0, 0, 1, 1, 2])


def said(answers, sure):
    logits = np.zeros((len(answers), 3))
    logits[np.arange(len(answers)), answers] = sure
    return from_logits(logits, LABELS)


def test_changes_are_gained_lost_or_neither_and_the_surest_come_first():
    before = said([1, 0, 1, 0, 1], [1, 5, 5, 4, 3])
    after = said([0, 0, 0, 1, 0], [5, 5, 5, 5, 3])
    changes = changed_answers(before, after)
    assert [change.row for change in changes] == [2, 3, 4, 0]
    assert [change.row for change in changes if change.gained] == [3, 0]
    assert [change.row for change in changes if change.lost] == [2]
    assert (changes[-1].before, changes[-1].after) == (1, 0)
    assert changes[-1].before_sure < changes[-1].after_sure


def test_a_regression_has_no_changed_answers():
    numbers = from_logits(np.ones((5, 1)), LABELS.astype(float))
    assert changed_answers(numbers, from_logits(np.zeros((5, 1)), LABELS.astype(float))) == ()
