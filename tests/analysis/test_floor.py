import pytest

from effexplorer.analysis.floor import surely_above, void
from tests.analysis.builders import made_group, seeded


@pytest.mark.parametrize(
    ("scores", "above"),
    [((52.0, 52.1, 52.2), True), ((52.0, 50.0, 54.0), False), ((99.0,), False), ((), False)],
    ids=["sure", "noisy", "one seed", "none"],
)
def test_surely_above_is_a_one_sided_t_test(scores, above):
    assert surely_above(scores, 50.9) is above


HIGH, LOW = seeded(80.0, 80.1, 80.2), seeded(50.0, 51.0, 52.0)


def test_any_member_makes_a_comparison_void_and_the_dense_model_is_one():
    fine = made_group({"": HIGH, "prune": HIGH})
    assert void(fine, [("prune",)]) == ""
    assert void(made_group({"": HIGH, "prune": LOW}), [("prune",)]).startswith("Void: prune is not")
    assert "the dense model is not" in void(made_group({"": LOW, "prune": HIGH}), [("prune",)])


def test_many_members_are_counted():
    steps = ("prune", "distill", "quantize", "exit")
    group = made_group({"": HIGH} | dict.fromkeys(steps, LOW))
    assert void(group, [(step,) for step in steps]).startswith(
        "Void: prune, distill and 2 more are not surely above one answer for all (50.9 %)"
    )


def test_a_task_whose_labels_were_not_counted_is_taken_as_it_is(monkeypatch):
    monkeypatch.setattr("effexplorer.analysis.floor.one_answer", lambda task: None)
    assert void(made_group({"": LOW}), []) == ""
