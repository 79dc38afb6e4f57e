"""Groups of made-up runs with scores and sizes as a test wants them."""

from effexplorer.analysis.groups import Group, group
from tests.builders import a_record


def made_group(runs: dict[str, dict[int, float]], **sizes: int) -> Group:
    """Return the group of these scores, by typed steps and seed.

    ``sizes`` are bytes by the steps' letters: ``D=...``, ``DQ=...``; ``dense=...``.
    """
    records = []
    for steps, by_seed in runs.items():
        for seed, score in by_seed.items():
            record = a_record(steps, seed=seed)
            letters = record.letters.replace(">", "")
            size = {"bytes": sizes[letters]} if letters in sizes else {}
            records.append(a_record(steps, seed=seed, score=score, **size))
    (found,) = group(records)
    return found


def seeded(*scores: float) -> dict[int, float]:
    """Return these scores by the seeds 0, 1, 2, ..."""
    return dict(enumerate(scores))
