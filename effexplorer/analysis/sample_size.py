"""How many seeds it would take until a verdict can be given."""

from __future__ import annotations

import math

from effexplorer.analysis.statistics import critical

MOST = 100  # seeds; nobody runs more of one pipeline
_POWER = 0.8  # the chance that so many seeds tell, as studies are usually planned


def seeds_that_tell(gap: float, error: float, seeds: int, *, level: float) -> int | None:
    """Return the number of seeds that would tell 8 times in 10 on which side of 0 ``gap`` lies.

    ``gap`` is how far a difference lies from the margin and ``error`` its standard error with
    ``seeds`` seeds, which shrinks with the root of their number; ``level`` is that of a one-sided
    t-test, one difference for each seed. None for more than a hundred.
    """
    for number in range(seeds + 1, MOST + 1):
        reach = critical(1 - level, number - 1) + critical(_POWER, number - 1)
        if reach * error * math.sqrt(seeds / number) <= abs(gap):
            return number
    return None
