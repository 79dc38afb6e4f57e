import numpy as np
import pytest
import torch

from effexplorer import limits
from effexplorer.models.convert import add_exits
from effexplorer.operators.teacher import Teacher
from tests.tiny_models import tiny_classifier, toy_examples

EXAMPLES = toy_examples(24)
LAYERS = (1, 3)


@pytest.fixture
def model():
    return add_exits(tiny_classifier(dropout=0.1))


def asked(model, monkeypatch) -> list[list[int]]:
    """Note the rows of every batch that goes through ``model``, by their lengths."""
    seen, original = [], model.hidden_states
    monkeypatch.setattr(
        model, "hidden_states", lambda *given: seen.append(len(given[0])) or original(*given)
    )
    return seen


def test_kept_answers_are_those_that_the_model_gives(model):
    kept = Teacher(model, EXAMPLES, LAYERS, keep=True)
    anew = Teacher(model, EXAMPLES, LAYERS, keep=False)
    random = np.random.default_rng(0)
    for _ in range(3):
        for rows in EXAMPLES.bucketed(5, random):
            batch = EXAMPLES.batch(rows)
            (logits, states), (wanted, hidden) = kept.answers(batch), anew.answers(batch)
            assert torch.allclose(logits, wanted, atol=1e-5)
            assert [state.shape for state in states] == [one.shape for one in hidden]
            for one, other in zip(states, hidden, strict=True):
                assert torch.allclose(one, other, atol=1e-5)


def test_states_are_those_of_the_real_tokens_in_their_order(model):
    batch = EXAMPLES.batch(np.array([3, 1, 2]))
    _, states = Teacher(model, EXAMPLES, LAYERS, keep=True).answers(batch)
    whole = model.hidden_states(batch.ids, batch.mask)
    for state, layer in zip(states, LAYERS, strict=True):
        assert torch.allclose(state, whole[layer][batch.mask.bool()], atol=1e-5)


def test_no_row_is_asked_twice(model, monkeypatch):
    seen, teacher = asked(model, monkeypatch), Teacher(model, EXAMPLES, keep=True)
    for rows in ([0, 1, 2], [2, 3], [0, 3]):
        teacher.answers(EXAMPLES.batch(np.array(rows)))
    assert seen == [3, 1]


def test_what_does_not_fit_is_asked_anew(model, monkeypatch):
    monkeypatch.setattr(limits, "MAX_TEACHER_BYTES", 3 * 3 * 2 * 4)  # three rows of three exits
    seen, teacher = asked(model, monkeypatch), Teacher(model, EXAMPLES, keep=True)
    for rows in ([0, 1, 2], [3, 4], [1, 3]):
        logits, states = teacher.answers(EXAMPLES.batch(np.array(rows)))
        assert logits.shape == (len(rows), 3, 2) and not states
    assert seen == [3, 2, 1]
