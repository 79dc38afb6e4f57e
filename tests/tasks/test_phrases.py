from hypothesis import given
from hypothesis import strategies as st

from effexplorer.tasks.phrases import within

ROWS = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(" ".join), max_size=12)


def inside(inner: str, outer: str) -> bool:
    """Tell by plain text search whether the words of one row stand in another."""
    return f" {inner} " in f" {outer} "


def test_a_phrase_belongs_to_the_sentence_around_it():
    rows = ["a fine", "a fine , moving film", "moving film", "dull", "film"]
    assert within(rows) == [set(), {0, 1, 2, 4}, set(), {3}, set()]


def test_half_a_word_is_no_phrase():
    assert within(["arm", "a warm film"]) == [{0}, {1}]


@given(ROWS)
def test_whole_sentences_lie_inside_no_other_and_hold_their_phrases(rows):
    found = within(rows)
    for row, group in enumerate(found):
        others = [other for at, other in enumerate(rows) if at != row and other != rows[row]]
        if group:
            assert not any(inside(rows[row], other) for other in others)
            assert group == {at for at, other in enumerate(rows) if inside(other, rows[row])}
    assert set().union(*found) == set(range(len(rows)))
