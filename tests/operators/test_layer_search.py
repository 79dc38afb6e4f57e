import pytest
import torch

from effexplorer.errors import Cancelled
from effexplorer.measure import predict
from effexplorer.models.convert import add_exits, keep_layers
from effexplorer.operators.finetune import fine_tune
from effexplorer.operators.layer_rules import exhaustive, greedy, remaining, short_trainings
from effexplorer.operators.layer_search import Candidates, held_out_score
from effexplorer.training import loop
from tests.tiny_models import logits_of, tiny_classifier, toy_context, toy_task

FOUR = {"heads": [4] * 4, "ffn": [64] * 4}


def candidates(start=None, *, carry=False, parts=(), context=None, epochs=2.0):
    """Return the candidates of a search in a tiny model of four layers."""
    context = context or toy_context()
    start = start or tiny_classifier(**FOUR)
    return Candidates(start, context, epochs=epochs, parts=list(parts), total=1, carry=carry)


def same(one, other) -> bool:
    first, second = one.state_dict(), other.state_dict()
    assert first.keys() == second.keys()
    return all(torch.equal(value, second[name]) for name, value in first.items())


def test_a_candidate_is_the_start_without_the_layers_fine_tuned_wholly():
    start, context = tiny_classifier(**FOUR), toy_context()
    before = {name: value.clone() for name, value in start.state_dict().items()}
    model = candidates(start).trained(1, (3, 0))
    assert same(model, fine_tune(keep_layers(start, [1, 2]), context, epochs=2.0))
    assert all(torch.equal(value, start.state_dict()[name]) for name, value in before.items())


def test_a_candidate_with_too_little_data_to_train_on_is_the_start_without_the_layers():
    start = tiny_classifier(**FOUR)
    assert same(candidates(start).trained(30, (1,)), keep_layers(start, [0, 2, 3]))


def test_scores_are_those_of_the_last_exit_on_the_rows_held_out():
    task, model = toy_task(), add_exits(tiny_classifier())
    model.exits[0].weight.data.neg_()  # so that the first exit answers otherwise
    right = logits_of(model, task.held_out).argmax(1).numpy() == task.held_out.labels
    assert held_out_score(model, task) == pytest.approx(100 * right.mean())
    first = predict(model, task.held_out)[:, 0].argmax(1) == task.held_out.labels
    assert first.mean() != right.mean()


@pytest.mark.parametrize("carry", [False, True])
def test_the_best_candidate_is_the_one_that_greedy_chooses(carry):
    search = candidates(carry=carry, epochs=1.0)
    order = greedy(4, 3, lambda removed: search.score(1, removed))
    assert search.best.removed == order and search.best.score == held_out_score(
        search.best.model, search.context.task
    )


@pytest.mark.parametrize("values", [[7, 7, 7, 7], [1, 9, 9, 2], [9, 1, 1, 1]])
def test_of_equal_candidates_the_best_is_the_one_that_greedy_chooses(values, monkeypatch):
    search, left = candidates(), keep_layers
    seen = []

    def without(model, layers):
        seen.append(model)
        return left(model, layers)

    monkeypatch.setattr("effexplorer.operators.layer_search.keep_layers", without)

    def score(part):
        def one(removed):
            fixed = float(values[removed[-1]])
            monkeypatch.setattr(
                "effexplorer.operators.layer_search.held_out_score", lambda *_: fixed
            )
            return search.score(part, removed)

        return one

    search.carry = True
    order = greedy(4, 2, score(30), score(15))
    assert search.best.removed == order
    assert all(model is search.base.model for model in seen[-5:])  # the second removal's
    assert search.base.removed == order[:1]


def test_the_best_candidate_is_the_one_that_exhaustive_chooses():
    search = candidates(epochs=1.0)
    removed = exhaustive(4, 2, lambda removed: search.score(1, removed))
    assert search.best.removed == removed
    kept = keep_layers(tiny_classifier(**FOUR), remaining(4, removed))
    assert same(search.best.model, fine_tune(kept, toy_context(), epochs=1.0))


def test_carried_candidates_go_on_from_the_best_of_the_removal_before():
    start, context = tiny_classifier(**FOUR), toy_context()
    search = candidates(start, carry=True)
    order = greedy(4, 2, lambda removed: search.score(1, removed))
    first = fine_tune(keep_layers(start, remaining(4, order[:1])), context, epochs=2.0)
    place = remaining(4, order[:1]).index(order[1])
    second = fine_tune(keep_layers(first, remaining(3, (place,))), context, epochs=2.0)
    assert same(search.best.model, second)


def test_progress_counts_on_and_names_the_candidate(monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    events = []
    context = toy_context(toy_task(64), report=events.append)
    parts = short_trainings(4, 1)
    search = candidates(context=context, parts=parts, epochs=15.0)
    greedy(4, 1, *(lambda removed, part=part: search.score(part, removed) for part in (30, 15)))
    assert [event["done"] for event in events] == [32 * step for step in range(1, 9)]
    details = [event["detail"] for event in events]
    assert details[:4] == [f"candidate {i} of 6: without layer {i}" for i in range(1, 5)]
    assert details[4].startswith("candidate 5 of 6: ") and search.sentences == 8 * 32


def test_a_search_stops_before_the_next_candidate():
    search = candidates(context=toy_context(cancelled=lambda: True))
    with pytest.raises(Cancelled):
        search.score(30, (0,))
