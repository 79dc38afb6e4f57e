import pytest

from effexplorer import units
from effexplorer.records.schema import COSTS


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (units.percent(91.27), "91.3 %"),
        (units.percent(100), "100.0 %"),
        (units.points(-1.23), "-1.2 points"),
        (units.points(0.4), "+0.4 points"),
        (units.times(0.2571), "0.26 x"),
        (units.times(12.34), "12.3 x"),
        (units.change(0.13, "smaller", "larger"), "7.7 x smaller"),
        (units.change(1.25, "smaller", "larger"), "1.2 x larger"),
        (units.change(1.001, "smaller", "larger"), "unchanged"),
        (units.megabytes(17_412_345), "17.4 MB"),
        (units.megabytes(41_234), "0.0412 MB"),
        (units.megabytes(1.34e9), "1340 MB"),
        (units.megabytes(9_996_000), "10.0 MB"),
        (units.megabytes(0), "0.00 MB"),
        (units.milliseconds(12.3), "12 ms"),
        (units.milliseconds(3.44), "3.4 ms"),
        (units.milliseconds(9.96), "10 ms"),
        (units.milliseconds(0.041), "0.041 ms"),
        (units.count(0), "0"),
        (units.count(842), "842"),
        (units.count(999.6), "1.00 k"),
        (units.count(22_713_216), "22.7 M"),
        (units.count(999_600), "1.00 M"),
        (units.count(4.25e9), "4.25 G"),
        (units.many(1, "seed"), "1 seed"),
        (units.many(3, "seed"), "3 seeds"),
        (units.many(0.5, "point"), "0.5 points"),
        (units.duration(0.4), "0 s"),
        (units.duration(45.3), "45 s"),
        (units.duration(59.7), "1 min 00 s"),
        (units.duration(130), "2 min 10 s"),
        (units.duration(3_599.8), "1 h 00 min"),
        (units.duration(3_900), "1 h 05 min"),
        (units.duration(-3), "0 s"),
    ],
)
def test_a_number_carries_its_unit_and_the_digits_that_mean_something(shown, expected):
    assert shown == expected


@pytest.mark.parametrize("axis", COSTS)
def test_every_cost_axis_has_a_unit(axis):
    assert units.cost(axis, 12e6).endswith(("MB", " M", "ms"))
