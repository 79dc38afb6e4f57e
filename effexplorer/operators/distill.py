"""Distill: the current model teaches a student of fewer layers that starts from its weights."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob

if TYPE_CHECKING:
    from torch import Tensor

    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.tasks.encoded import Batch


@register
@dataclass(frozen=True)
class Distill(Operator):
    """Knowledge distillation into fewer layers.

    Loss: ``alpha T^2 KL(teacher/T, student/T) + (1 - alpha) CE + hidden MSE`` (Hinton et al. 2015,
    arXiv 1503.02531; the hidden term as in TinyBERT, arXiv 1909.10351, with the student starting
    from evenly spaced teacher layers as in DistilBERT, arXiv 1910.01108).
    """

    name: ClassVar[str] = "distill"
    letter: ClassVar[str] = "D"
    summary: ClassVar[str] = "A student with fewer layers learns from the model so far."
    source: ClassVar[str] = "Movva et al. 2022, arXiv 2208.09684; Hinton et al. 2015"

    layers: int = knob(3, low=1, high=24, help="Layers of the student.")
    alpha: float = knob(
        0.7, low=0.0, high=1.0, help="Weight of the teacher's soft labels; the rest is the label's."
    )
    temperature: float = knob(
        2.0,
        low=0.5,
        high=20.0,
        help="Softens both distributions; higher shows more of the teacher.",
    )
    hidden: float = knob(
        1.0, low=0.0, high=100.0, help="Weight of the squared difference of hidden states."
    )
    epochs: float = epochs_knob()

    def problem(self, before: Outline) -> str | None:
        """Return why no such student can be made, or None."""
        if self.layers >= before.layers:
            return (
                f"distill: layers must be less than the {before.layers} layers of the model "
                f"before it; got {self.layers}."
            )
        return super().problem(before)

    def after(self, before: Outline) -> Outline:
        """Return the outline with the student's layers; zeros of the teacher stay zero."""
        return dataclasses.replace(before, dense=False, layers=self.layers)

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the trained student; ``model``, the teacher, stays as it is."""
        import torch
        from torch.nn import functional as F

        from effexplorer.models.convert import keep_layers
        from effexplorer.models.slimbert import task_loss
        from effexplorer.operators.finetune import fine_tune

        teacher = model.eval()
        matched = evenly_spaced(len(teacher.layers), self.layers)
        student = keep_layers(teacher, matched)

        def loss(batch: Batch) -> Tensor:
            with torch.no_grad():
                taught = teacher.hidden_states(batch.ids, batch.mask, batch.token_types)
                soft = teacher.classify(taught[-1], batch.mask).float()
            states = student.hidden_states(batch.ids, batch.mask, batch.token_types)
            logits = student.classify(states[-1], batch.mask).float()
            real = batch.mask.bool()
            hidden = sum(
                F.mse_loss(state[real].float(), taught[layer + 1][real].float())
                for state, layer in zip(states[1:], matched, strict=True)
            )
            learned = soft_label_loss(logits, soft, self.temperature)
            told = task_loss(logits, batch.labels)
            return self.alpha * learned + (1 - self.alpha) * told + self.hidden * hidden

        return fine_tune(student, context, epochs=self.epochs, loss=loss)


def soft_label_loss(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Return ``T^2 KL(softmax(taught / T) || softmax(logits / T))``, the mean over the batch.

    ``logits`` and ``taught`` are ``(batch, labels)``; with one output, as in regression, it is the
    mean squared difference. Source: Hinton et al. 2015, section 2.
    """
    from torch.nn import functional as F

    if logits.shape[1] == 1:
        return F.mse_loss(logits, taught)
    student = F.log_softmax(logits / temperature, dim=1)
    teacher = F.log_softmax(taught / temperature, dim=1)
    return temperature**2 * F.kl_div(student, teacher, log_target=True, reduction="batchmean")


def evenly_spaced(layers: int, kept: int) -> list[int]:
    """Return ``kept`` of ``layers`` layer indices at even distances, the first one among them.

    Source: DistilBERT (Sanh et al. 2019), section 3, which takes one layer out of two.
    """
    return [index * layers // kept for index in range(kept)]
