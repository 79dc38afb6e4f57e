import pytest

from effexplorer.analysis.exit_gain import gain_evidence
from effexplorer.analysis.groups import group
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge
from tests.analysis.builders import made_group, seeded
from tests.builders import a_record, some_exits


def exits(*lost, macs=122_500_000.0, steps="exit"):
    records = []
    for seed, points in enumerate(lost):
        fields = some_exits()
        fields["operating"] |= {"score": 90.0 - points, "macs": macs}
        records.append(a_record(steps, seed=seed, score=90.0, **fields))
    (found,) = group(records)
    return list(judge(list(gain_evidence(found).values())))


@pytest.mark.parametrize(
    ("lost", "answer"),
    [((0.1, 0.2, 0.1), YES), ((5.0, 5.2, 4.9), NO), ((0.2, 2.0, 1.1), CANNOT_TELL)],
)
def test_exits_gain_where_compute_is_saved_for_less_than_the_margin(lost, answer):
    (found,) = exits(*lost)
    assert found.answer == answer
    assert found.numbers["saved"] == pytest.approx(100 * (1 - 122.5 / 210))
    assert found.numbers["difference"] == pytest.approx(sum(lost) / 3)


def test_saving_nothing_is_no_gain():
    (found,) = exits(0.0, 0.1, 0.0, macs=210_000_000.0)
    assert found.answer == NO and found.sentence.startswith("Exits save no compute")


def test_leaving_by_confidence_is_compared_with_one_depth_for_all():
    (found,) = exits(0.0, 0.0)  # halfway between exits 3 and 4, which score 78 and 82
    assert found.numbers["adaptive"] == pytest.approx(90 - 80)


def test_distilled_models_with_exits_count_and_others_do_not():
    assert len(exits(0.1, 0.2, steps="distill > exit")) == 1
    assert exits(0.1, 0.2, steps="prune > exit") == []
    assert exits(0.1) == []


def test_exits_at_the_level_of_one_answer_for_all_are_void():
    found = gain_evidence(made_group({"exit": seeded(50.0, 51.0)}))
    assert found == {}  # no operating point is known
    records = [a_record("exit", seed=seed, **some_exits() | {"score": 50.0}) for seed in (0, 1)]
    assert judge(list(gain_evidence(group(records)[0]).values()))[0].void
