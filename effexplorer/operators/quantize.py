"""Quantize: weights become integers, after training or with training that knows of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob
from effexplorer.processor import has_vnni

if TYPE_CHECKING:
    from effexplorer.models.slimbert import SlimBertForSequenceClassification


@register
@dataclass(frozen=True)
class Quantize(Operator):
    """Integer weights with one scale per row (8 bit), or packed groups through Optimum (4, 2 bit).

    ``dynamic`` converts after training; activations are quantized per token as they come.
    ``aware`` rounds weights and activations to the 8-bit grid while training goes on
    (straight-through gradients: Jacob et al. 2018, arXiv 1712.05877), and the file becomes int8
    when the model is saved or measured; steps that train may follow.
    """

    name: ClassVar[str] = "quantize"
    letter: ClassVar[str] = "Q"
    summary: ClassVar[str] = "Weights and embeddings are stored as integers of 8, 4 or 2 bits."
    source: ClassVar[str] = "Movva et al. 2022, arXiv 2208.09684; Jacob et al. 2018"

    mode: str = knob(
        "dynamic",
        choices=("dynamic", "aware"),
        help="dynamic: after training, in seconds. aware: training learns to live with 8 bits.",
    )
    bits: int = knob(
        8, choices=(8, 4, 2), help="Bits per weight. 4 and 2 are smaller on disk but slower."
    )
    epochs: float = epochs_knob(" (mode aware only)")

    @property
    def trains(self) -> bool:
        """Tell whether this step trains: only in mode ``aware``."""
        return self.mode == "aware"

    def problem(self, before: Outline) -> str | None:
        """Return why the model cannot be quantized so, or None."""
        if self.mode == "aware" and self.bits != 8:
            return f"quantize: mode aware works with 8 bits; got {self.bits}. Use mode dynamic."
        if before.bits < 32:
            return (
                "quantize: a model can be quantized once; "
                f"got a second quantize after one to {before.bits} bits."
            )
        return super().problem(before)

    def caution(self, before: Outline) -> str | None:
        """Return what this format does not do for speed, on this processor, or None."""
        if self.bits < 8:
            return (
                f"quantize: {self.bits} bits make the file smaller and the model no faster, since "
                "weights are unpacked to fp32 when they are used."
            )
        if not has_vnni():
            return (
                "quantize: this processor has no AVX512-VNNI, so PyTorch multiplies 8 bits by way "
                "of fp32: exact, but slower than fp32. Answers and latencies come from ONNX "
                "Runtime, where 8 bits stay faster; `doctor` measures both."
            )
        return None

    def after(self, before: Outline) -> Outline:
        """Return the outline with this bit width; ``dynamic`` ends all training."""
        return dataclasses.replace(before, bits=self.bits, trainable=self.trains)

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the integer model, or after ``aware`` the fp32 model on the int8 grid."""
        from effexplorer.models.convert import to_numeric
        from effexplorer.operators.finetune import fine_tune

        if self.mode == "dynamic":
            return to_numeric(model, f"int{self.bits}")
        return fine_tune(to_numeric(model, "int8-aware"), context, epochs=self.epochs)
