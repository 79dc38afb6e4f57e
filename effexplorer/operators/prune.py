"""Prune: the encoder's smallest weights become zero, step by step, while training goes on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import knob


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
        "linear", choices=("linear", "cubic"), help="How the sparsity grows; cubic is early and fast."
    )
    epochs: float = knob(2.0, low=0.05, high=20.0, help="Passes over the training data.")

    def problem(self, before: Outline) -> str | None:
        """Return why this sparsity cannot be reached, or None."""
        if before.sparsity and self.sparsity <= before.sparsity:
            return (
                f"prune: sparsity must be above the {before.sparsity:g} that the model already "
                f"has; got {self.sparsity:g}."
            )
        return super().problem(before)

    def after(self, before: Outline) -> Outline:
        """Return the outline with this sparsity."""
        return dataclasses.replace(before, sparsity=self.sparsity)
