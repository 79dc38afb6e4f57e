"""How many parameters BERT-base and RoBERTa-base have without some of their layers: arithmetic.

Without a head, whose size the task decides; with the pooler, which both carry into fine-tuning.
"""

from __future__ import annotations

LAYERS = 12
_HIDDEN, _WIDE = 768, 3072
_EMBEDDED = {"bert-base-uncased": 30_522 + 512 + 2, "roberta-base": 50_265 + 514 + 1}  # rows
_NORM = 2 * _HIDDEN
_SQUARE = _HIDDEN * _HIDDEN + _HIDDEN  # a linear from hidden to hidden, with its bias
_LAYER = 4 * _SQUARE + _NORM + 2 * _HIDDEN * _WIDE + _WIDE + _HIDDEN + _NORM


def parameters_left(model: str, layers: int) -> int:
    """Return the parameters of ``model``'s encoder with this many of its ``LAYERS`` left."""
    return _EMBEDDED[model] * _HIDDEN + _NORM + layers * _LAYER + _SQUARE
