import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.find.space import read_letters, space
from effexplorer.pipeline import Pipeline

MINILM = Pipeline("minilm", "reviews")


def names(steps):
    return [step.name for step in steps]


def test_letters_name_operators_once_each_in_any_case():
    assert read_letters(" q, D,q") == ("quantize", "distill")


@pytest.mark.parametrize("text", ["", "D,X", "distill"])
def test_an_unknown_letter_is_told(text):
    with pytest.raises(UserError, match="operators: each must be one of D, L, E, P, Q, S, V; got"):
        read_letters(text)


def test_every_beginning_of_steps_is_in_the_space_and_before_it():
    found = space(MINILM, ("distill", "prune", "quantize"))
    assert found[0] == ()
    for at, steps in enumerate(found):
        assert not steps or steps[:-1] in found[:at]


def test_only_legal_orders_are_there_and_every_operator_at_most_once():
    found = space(MINILM, ("prune", "quantize"))
    assert all(len(set(names(steps))) == len(steps) for steps in found)
    typed = {" > ".join(map(str, steps)) for steps in found}
    assert "quantize(mode=aware) > prune" in typed and "quantize > prune" not in typed


def test_a_shallow_model_gets_students_that_are_shallower():
    found = space(Pipeline("bert-tiny", "reviews"), ("distill",))
    assert [str(steps[0]) for steps in found[1:]] == ["distill(layers=1)"]


def test_a_space_that_grows_too_large_has_shorter_pipelines(monkeypatch):
    monkeypatch.setattr(limits, "MAX_FIND_CANDIDATES", 40)
    assert max(map(len, space(MINILM, ("distill", "prune", "quantize")))) == 2
