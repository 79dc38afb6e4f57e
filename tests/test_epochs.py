"""The rule that chooses a task's epochs, on made-up scores."""

import pytest

from benchmarks.epochs import Score, doubled, enough


def scored(**by_epochs: float) -> list[Score]:
    """Return scores with intervals two points wide, ``e4=90.0`` being that of 4 epochs."""
    return [
        Score(float(name[1:]), score, score - 1, score + 1) for name, score in by_epochs.items()
    ]


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        (scored(e1=80.0, e2=85.0, e4=88.0, e8=88.5), 4.0),
        (scored(e1=88.0, e2=88.9, e4=95.0), 1.0),
        (scored(e1=80.0, e2=85.0), None),
        (scored(e1=80.0, e4=80.0), None),  # nothing was trained for twice as long
        (scored(e1=90.0, e2=85.0), 1.0),
        ([], None),
    ],
    ids=str,
)
def test_enough_is_what_twice_as_many_do_not_surely_better(scores, found):
    assert enough(scores) == found


def test_epochs_are_doubled_until_they_are_enough():
    reached = {1.0: 70.0, 2.0: 80.0, 4.0: 85.0, 8.0: 85.5}
    seen = doubled(lambda n: Score(n, reached[n], reached[n] - 1, reached[n] + 1), first=1, most=99)
    assert [one.epochs for one, _ in seen] == [1, 2, 4, 8]


def test_epochs_are_not_doubled_beyond_what_was_asked_for():
    seen = doubled(lambda n: Score(n, 10 * n, 10 * n - 1, 10 * n + 1), first=0.5, most=4)
    assert [one.epochs for one, _ in seen] == [0.5, 1, 2, 4]
