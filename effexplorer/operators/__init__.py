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
from effexplorer.operators.droplayers import DropLayers
from effexplorer.operators.earlyexit import EarlyExit
from effexplorer.operators.further_training import FineTune
from effexplorer.operators.knobs import Knob
from effexplorer.operators.prune import Prune
from effexplorer.operators.quantize import Quantize
from effexplorer.operators.slenderize import Slenderize
from effexplorer.operators.trimvocab import TrimVocabulary

__all__ = [
    "OPERATORS",
    "Context",
    "Distill",
    "DropLayers",
    "EarlyExit",
    "FineTune",
    "Knob",
    "Operator",
    "Outline",
    "Prune",
    "Quantize",
    "Slenderize",
    "TrimVocabulary",
    "make_operator",
    "register",
]
