import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.sample_size import seeds_that_tell


def test_so_many_seeds_tell_eight_times_in_ten():
    deviation, gap = 0.8, 0.6
    seeds = seeds_that_tell(gap, deviation / np.sqrt(3), 3, level=0.05)
    random = np.random.default_rng(0)
    for number, enough in ((seeds, True), (seeds - 4, False)):
        samples = random.normal(gap, deviation, (4000, number))
        p_values = stats.ttest_1samp(samples, 0, axis=1, alternative="greater").pvalue
        assert bool(np.mean(p_values < 0.05) > 0.78) is enough


@pytest.mark.parametrize("gap", [0.0, 0.001])
def test_more_than_a_hundred_are_not_counted(gap):
    assert seeds_that_tell(gap, 1.0, 3, level=0.05) is None


def test_a_stricter_level_takes_more():
    few, many = (seeds_that_tell(1.0, 0.5, 3, level=level) for level in (0.05, 0.001))
    assert few < many
