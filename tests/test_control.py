"""The control has the training of a pipeline, step by step, and none of its compression."""

import pytest

from effexplorer.control import control
from effexplorer.pipeline import Pipeline, parse_steps


def controlled(steps: str, **changes) -> str:
    """Return the steps of the control of these, as they are typed."""
    return str(control(Pipeline("minilm", "reviews", parse_steps(steps), **changes)))


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("", ""),
        ("quantize", ""),
        ("trim > quantize", ""),
        ("prune", "finetune"),
        ("distill(epochs=2) > trim > prune", "finetune(epochs=2.0) > finetune"),
        ("quantize(mode=aware, epochs=2) > drop", "finetune(epochs=2.0) > finetune"),
    ],
)
def test_a_finetune_stands_for_every_step_that_trains(steps, found):
    assert controlled(steps) == found


def test_the_control_keeps_model_task_data_and_seed():
    plan = Pipeline("minilm", "sst2", parse_steps("prune"), seed=4, train_examples=99, epochs=2)
    found = control(plan)
    assert (found.model, found.task, found.seed) == ("minilm", "sst2", 4)
    assert (found.train_examples, found.epochs) == (99, 2)


def test_orders_of_the_same_operators_share_a_control():
    orders = ("prune(epochs=2) > distill(epochs=2)", "distill(epochs=2) > prune(epochs=2)")
    assert len({controlled(order) for order in orders}) == 1


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("exit(catch_up=yes, epochs=2) > prune(epochs=3)", [2, 3]),
        ("prune(epochs=3) > exit(catch_up=yes, epochs=2)", [3, 5]),
        ("prune > exit(catch_up=yes)", [0, 16]),  # the dense model has 8 epochs
        ("prune(epochs=15) > exit(catch_up=yes, epochs=10)", [15, 20, 5]),
    ],
)
def test_exits_that_catch_up_are_trained_for_as_long_in_the_control(steps, found):
    wanted = [f"finetune(epochs={epochs}.0)" if epochs else "finetune" for epochs in found]
    assert controlled(steps, epochs=8) == " > ".join(wanted)
