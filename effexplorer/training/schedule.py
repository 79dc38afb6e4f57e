"""Batches: how many steps and sentences a training takes, known without loading anything."""

import math

BATCH = 32


def steps(examples: int, epochs: float) -> int:
    """Return the training steps of ``epochs`` passes over ``examples``: one at least."""
    return max(1, round(epochs * math.ceil(examples / BATCH)))


def planned_sentences(examples: int, epochs: float) -> int:
    """Return how many sentences a training goes through, to one batch."""
    if not epochs:
        return 0
    whole, rest = divmod(steps(examples, epochs), steps(examples, 1))
    return whole * examples + min(rest * BATCH, examples)
