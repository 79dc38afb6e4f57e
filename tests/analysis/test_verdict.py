import math
from dataclasses import dataclass

import pytest

from effexplorer.analysis.verdict import (
    CANNOT_TELL,
    NO,
    Untested,
    Verdict,
    chance,
    interval,
    judge,
    listed,
    needed_p,
    seeds_needed,
)


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_people_do(names, text):
    assert listed(names) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.412, "p = 0.41"), (0.0041, "p = 0.004"), (1e-9, "p < 0.001"), (math.nan, "p unknown")],
)
def test_a_p_value_has_the_digits_that_mean_something(p, text):
    assert chance(p) == text


def test_an_interval_is_signed():
    assert interval(-0.24, 1.36) == "95 % interval -0.2 to +1.4"


def test_what_an_answer_needs_is_told_with_what_it_has():
    assert needed_p("all were alike", 0.412) == "p < 0.05 if all were alike; it is 0.41"
    assert needed_p("all were alike", 1e-5, 20) == (
        "p < 0.05 if all were alike; it is < 0.001, corrected for 20 verdicts"
    )


@pytest.mark.parametrize(
    ("seeds", "text"),
    [(9, "it would take about 9 seeds to tell"), (None, "even 100 seeds would hardly tell")],
)
def test_the_seeds_that_it_would_take_are_told(seeds, text):
    assert seeds_needed(seeds) == text


@dataclass(frozen=True)
class Claim:
    beyond: float

    def verdict(self, corrected, tests):
        return Verdict(NO if corrected < 0.05 else CANNOT_TELL, f"{corrected:.3f} of {tests}")


def test_all_claims_of_a_page_are_corrected_together():
    answers = judge([Claim(0.02), Untested("nothing was run"), Claim(0.04), Claim(0.001)])
    assert [answer.answer for answer in answers] == [NO, CANNOT_TELL, NO, NO]
    assert [answer.sentence for answer in answers] == [
        "0.040 of 3",
        "nothing was run",
        "0.040 of 3",
        "0.003 of 3",
    ]
    assert [one.answer for one in judge([Claim(0.04)] * 2)] == [CANNOT_TELL] * 2
