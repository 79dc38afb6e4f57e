"""Made-up answers of exits; no model gave them."""

import numpy as np

from effexplorer.exits.table import ExitTable


def made_logits(examples: int = 40, exits: int = 3, outputs: int = 2, *, seed: int = 0):
    """Return random logits ``(examples, exits, outputs)``, surer at each exit."""
    random = np.random.default_rng(seed)
    depth = np.arange(1, exits + 1)[:, None]
    return (random.normal(size=(examples, exits, outputs)) * depth).astype(np.float32)


def a_table(**changes) -> ExitTable:
    """Return the exit table of a model of three layers; ``changes`` replace fields."""
    logits = made_logits()
    fields = {
        "logits": logits,
        "temperatures": np.array([2.0, 1.5, 1.0]),
        "macs": np.cumsum(np.ones((40, 3)), axis=1),
        "layers": np.array([1, 2, 3]),
        "labels": np.random.default_rng(1).integers(2, size=40),
        "tokens": np.full(40, 13),
        "tags": np.array([], dtype=str),
        "threshold": np.array(0.8),
    }
    return ExitTable(**fields | changes)
