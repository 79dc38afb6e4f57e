"""Fine-tune: stage 0 of every run, and the training that all operators share."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence

from torch import Tensor
from torch.nn import Parameter

from effexplorer.models.checkpoint import encoder_weights
from effexplorer.models.slimbert import SlimBertForSequenceClassification, task_loss
from effexplorer.operators.base import Context
from effexplorer.tasks.encoded import Batch
from effexplorer.training.loop import train


def fine_tune(
    model: SlimBertForSequenceClassification,
    context: Context,
    *,
    epochs: float = 0.0,
    loss: Callable[[Batch], Tensor] | None = None,
    teachers: Sequence[SlimBertForSequenceClassification] = (),
    after_step: Callable[[float], None] | None = None,
) -> SlimBertForSequenceClassification:
    """Train ``model`` in place on the task and return it.

    ``epochs`` of 0 are those of the dense model; where these are 0 too, nothing is trained and
    ``after_step`` is called once, as after the last step. Without ``loss`` it is the task's own,
    the mean over the exits: cross entropy, or squared error for regression; ``teachers`` are the
    other models that ``loss`` asks. Unless ``after_step`` says otherwise, the weights that pruning
    made zero stay zero.
    """

    def own_loss(batch: Batch) -> Tensor:
        states = model.hidden_states(batch.ids, batch.mask, batch.token_types)
        exits = model.exit_logits(states, batch.mask)
        return total(task_loss(logits, batch.labels) for logits in exits) / len(exits)

    passes, after_step = epochs or context.epochs, after_step or _zeros_kept(model)
    if not passes:
        after_step(1.0)
        model.eval()
        return model
    train(
        model,
        context.task.train,
        loss or own_loss,
        epochs=passes,
        learning_rate=context.learning_rate,
        seed=context.seed,
        teachers=teachers,
        after_step=after_step,
        report=context.report,
        cancelled=context.cancelled,
    )
    return model


def total(losses: Iterable[Tensor]) -> Tensor:
    """Return the sum of at least one loss."""
    return functools.reduce(operator.add, losses)


def _zeros_kept(model: SlimBertForSequenceClassification) -> Callable[[float], None]:
    if not model.config.sparse:
        return lambda done: None
    weights = encoder_weights(model)
    masks = [weight.data != 0 for weight in weights]
    return lambda done: apply_masks(weights, masks)


def apply_masks(weights: list[Parameter], masks: list[Tensor]) -> None:
    """Set to zero what ``masks`` leave out of ``weights``; they follow these to their device."""
    for at, weight in enumerate(weights):
        masks[at] = masks[at].to(weight.device)
        weight.data.mul_(masks[at])
