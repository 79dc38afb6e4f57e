"""Prune: the encoder's smallest weights become zero, step by step, while training goes on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob

if TYPE_CHECKING:
    from torch import Tensor

    from effexplorer.models.slimbert import SlimBertForSequenceClassification

WARMUP, HOLD = 0.1, 0.3  # shares of the training before the ramp and after it
UPDATES = 40  # times the masks are drawn anew during the ramp


@register
@dataclass(frozen=True)
class Prune(Operator):
    """Magnitude pruning of the encoder's matrices; embeddings and classifier stay dense.

    The sparsity ramps from its present value after a warm-up and stays for the last part of
    training, linearly or as ``s - (s - s0)(1 - t)^3`` (Zhu and Gupta 2017, arXiv 1710.01878).
    """

    name: ClassVar[str] = "prune"
    letter: ClassVar[str] = "P"
    summary: ClassVar[str] = "The smallest weights of every encoder matrix become zero."
    source: ClassVar[str] = "Movva et al. 2022, arXiv 2208.09684; Zhu and Gupta 2017"

    sparsity: float = knob(
        0.6, low=0.0, high=0.99, help="Share of the encoder's weights that become zero."
    )
    schedule: str = knob(
        "linear",
        choices=("linear", "cubic"),
        help="How the sparsity grows; cubic is early and fast.",
    )
    epochs: float = epochs_knob()

    @property
    def works_untrained(self) -> bool:
        """Tell that the smallest weights can go without training."""
        return True

    def problem(self, before: Outline) -> str | None:
        """Return why this sparsity cannot be reached, or None."""
        if not before.layers:
            return "prune: layers must be at least 1, to make smaller; got 0."
        if before.sparsity and self.sparsity <= before.sparsity:
            return (
                f"prune: sparsity must be above the {before.sparsity:g} that the model already "
                f"has; got {self.sparsity:g}."
            )
        return super().problem(before)

    def after(self, before: Outline) -> Outline:
        """Return the outline with this sparsity."""
        return dataclasses.replace(before, sparsity=self.sparsity)

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the pruned model; the same object, trained in place."""
        from effexplorer.models.checkpoint import encoder_weights
        from effexplorer.operators.finetune import apply_masks, fine_tune

        weights = encoder_weights(model)
        masks: list[Tensor] = [weight.data != 0 for weight in weights]
        start = 1 - sum(int(mask.sum()) for mask in masks) / sum(mask.numel() for mask in masks)
        drawn = 0

        def keep(done: float) -> None:
            nonlocal drawn
            ramp = min(max((done - WARMUP) / (1 - WARMUP - HOLD), 0.0), 1.0)
            if int(ramp * UPDATES) > drawn:
                drawn = int(ramp * UPDATES)
                target = sparsity_at(drawn / UPDATES, start, self.sparsity, self.schedule)
                masks[:] = [largest(weight.data, target) for weight in weights]
            apply_masks(weights, masks)

        model.config.sparse = True
        return fine_tune(model, context, epochs=self.epochs, after_step=keep)


def sparsity_at(ramp: float, start: float, end: float, schedule: str) -> float:
    """Return the sparsity at ``ramp`` (0 to 1) between ``start`` and ``end``.

    ``cubic`` is equation 1 of Zhu and Gupta 2017.
    """
    left = (1 - ramp) if schedule == "linear" else (1 - ramp) ** 3
    return end + (start - end) * left


def largest(weight: Tensor, sparsity: float) -> Tensor:
    """Return the mask of the weights that stay when the smallest share ``sparsity`` goes."""
    gone = round(sparsity * weight.numel())
    if gone == 0:
        return weight == weight
    sizes = weight.abs()
    return sizes > sizes.flatten().kthvalue(gone).values
