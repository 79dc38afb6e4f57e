"""Distill: the current model teaches a student of fewer layers that starts from its weights."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import knob


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
        2.0, low=0.5, high=20.0, help="Softens both distributions; higher shows more of the teacher."
    )
    hidden: float = knob(
        1.0, low=0.0, high=100.0, help="Weight of the squared difference of hidden states."
    )
    epochs: float = knob(3.0, low=0.05, high=20.0, help="Passes over the training data.")

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
        return dataclasses.replace(before, layers=self.layers)
