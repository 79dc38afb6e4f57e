import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.advantage import AdvantageEvidence, advantages
from effexplorer.analysis.practical import Practical
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge


def judged(*differences, others=0):
    (seen,) = advantages([differences])
    evidence = AdvantageEvidence("orders A", "orders B", seen, Practical(872))
    return judge([evidence] * (1 + others))[0]


def test_both_tests_are_one_sided_t_tests_against_the_margin():
    differences = [1.4, 2.1, 0.9, 1.8]
    (seen,) = advantages([differences])
    above = stats.ttest_1samp(differences, 1, alternative="greater").pvalue
    below = stats.ttest_1samp(differences, 1, alternative="less").pvalue
    assert (seen.beyond, seen.within) == pytest.approx((above, below))
    interval = stats.ttest_1samp(differences, 0).confidence_interval()
    assert (seen.low, seen.high) == pytest.approx(tuple(interval))


@pytest.mark.parametrize(
    ("differences", "answer", "words"),
    [
        ((3.0, 3.2, 2.9), YES, "Orders A score surely more than 1 point above orders B: 3 points"),
        ((0.1, -0.2, 0.0), NO, "Orders A score surely less than 1 point above orders B, or below"),
        ((-3.0, -3.2, -2.9), NO, "Orders A score surely less than 1 point above orders B"),
        ((3.0, -1.0, 1.5), CANNOT_TELL, "Cannot tell whether orders A score more than 1 point"),
    ],
)
def test_an_advantage_must_be_beyond_the_margin(differences, answer, words):
    found = judged(*differences)
    assert found.answer == answer and found.sentence.startswith(words)


def test_the_practical_size_and_the_thresholds_are_told():
    found = judged(1.4, 1.6, 1.5)
    assert "1.5 points on average, about 13 of 872 sentences" in found.sentence
    assert found.needs[YES].startswith("p < 0.05 if the true difference were 1 point at most")


def test_yes_is_corrected_for_the_other_verdicts():
    assert judged(3.0, 3.6, 2.5).answer == YES
    assert judged(3.0, 3.6, 2.5, others=20).answer == CANNOT_TELL


def test_pairs_of_a_task_borrow_from_each_other():
    random = np.random.default_rng(0)
    together = advantages(list(random.normal(0, 1, (30, 3))))
    errors = np.array([one.error for one in together])
    assert errors.std() < 0.15
    assert advantages([]) == []
