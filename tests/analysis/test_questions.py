from effexplorer.analysis.questions import answers
from effexplorer.analysis.verdict import CANNOT_TELL, NO
from tests.analysis.builders import made_group, seeded


def far_apart(by):
    return made_group(
        {
            "": seeded(90.0, 90.2, 90.1),
            "distill": seeded(88.0, 88.3, 88.1),
            "prune": seeded(89.0, 89.1, 89.2),
            "distill > prune": seeded(80.0, 80.5, 80.2),
            "prune > distill": seeded(80.0 + by, 80.4 + by, 80.3 + by),
        }
    )


def no_curves(group):
    return lambda order: {}


def test_every_question_of_a_group_is_answered():
    (told,) = answers([far_apart(9.0)], no_curves)
    assert told.orders["distill", "prune"].answer == NO
    assert told.prediction.numbers and list(told.sizes) == [("distill", "prune")]
    assert (told.layers, told.exits, told.gains) == ({}, {}, {})
    assert len(told.all) == 3


def test_groups_of_one_page_are_corrected_together():
    group = far_apart(1.4)
    (alone,) = answers([group], no_curves)
    many = answers([group, *[far_apart(0.0)] * 9], no_curves)
    verdicts = [told.orders["distill", "prune"] for told in (alone, many[0])]
    assert [verdict.answer for verdict in verdicts] == [NO, CANNOT_TELL]
    assert verdicts[1].numbers["beyond"] > verdicts[0].numbers["beyond"]
