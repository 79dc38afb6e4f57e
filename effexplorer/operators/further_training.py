"""Finetune: the control, a step that trains on and compresses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob

if TYPE_CHECKING:
    from effexplorer.models.slimbert import SlimBertForSequenceClassification


@register
@dataclass(frozen=True)
class FineTune(Operator):
    """More training with the task's own loss, and nothing else.

    **What it does.** The dense model's training again, from the weights as they are: with y the
    label and z_e the logits of exit e (one, in a model without exits before the last)::

        L = 1/E sum_e CE(z_e, y)

    with squared error for regression, and the dense model's learning rate, warm-up and decay.
    Zeros of an earlier pruning stay zero, and int8-aware weights stay so.

    **What it costs.** The epochs. The model keeps its size and its arithmetic.

    **When it helps.** As a control. Every compression step trains too, so a compressed model may
    score higher than the dense one because it was trained for longer. What a step with k epochs
    gains or loses is its score less that of ``finetune`` with k epochs at the same place.
    """

    name: ClassVar[str] = "finetune"
    letter: ClassVar[str] = "F"
    summary: ClassVar[str] = "More training and no compression: the control."
    compresses: ClassVar[bool] = False
    source: ClassVar[str] = "Devlin et al. 2019, arXiv 1810.04805 (fine-tuning)"

    epochs: float = epochs_knob()

    def after(self, before: Outline) -> Outline:
        """Return ``before``: the model is outlined as it was."""
        return before

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return ``model``, trained on."""
        from effexplorer.operators.finetune import fine_tune

        return fine_tune(model, context, epochs=self.epochs)
