"""The operators: one file each; the order here is the order in which people see them."""

from effexplorer.operators.base import (
    OPERATORS,
    Context,
    Operator,
    Outline,
    make_operator,
    register,
)
from effexplorer.operators.distill import Distill
from effexplorer.operators.knobs import Knob
from effexplorer.operators.prune import Prune
from effexplorer.operators.quantize import Quantize

__all__ = [
    "OPERATORS",
    "Context",
    "Distill",
    "Knob",
    "Operator",
    "Outline",
    "Prune",
    "Quantize",
    "make_operator",
    "register",
]
