"""Find against its rivals, replayed on the shipped records: hypervolume for training sentences.

The space is every order of every subset of distill, prune, exit and quantize, 64 stages: 3,000
sentences of SST-2, and the bundled reviews. Every search has the same stage cache, begins with the
dense model, is shown one recorded seed of each pipeline, drawn anew for each of 20 seeds, and is
judged by the mean of all recorded seeds. The share is of the whole space's hypervolume, size on
disk against score, between the largest size and the lowest score there are. Wanted: at 8 stages
0.98 (SST-2) and 0.95 (reviews), and ahead of every rival at every budget.

--table FILE writes the records as one table, for searches of others (docs/find.md).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.search.figures import calibration, curves, interval, stages_axis
from benchmarks.search.ours import ours
from benchmarks.search.rivals import nsga2, random_search, successive_halving, tpe
from benchmarks.search.table import shipped_rows, write_rows
from benchmarks.timing import Claim, options_of, show
from effexplorer.cli.output import print_table

WANTED = {"sst2": 0.98, "reviews": 0.95}
AT = 8  # stages
SHOWN = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
SEARCHES = {
    "ours": ours,
    "random": random_search,
    "NSGA-II": nsga2,
    "TPE": tpe,
    "halving": successive_halving,
}


def measure(seeds: int, stages: int, *, tables: bool) -> list[Claim]:
    """Return the claims of both tasks, after printing the curves and the calibration."""
    claims = []
    for task, wanted in WANTED.items():
        rows = [row for row in shipped_rows() if row.task == task]
        by_name = {
            name: curves(search, rows, seeds=seeds, stages=stages)
            for name, search in SEARCHES.items()
        }
        if tables:
            _print(task, by_name)
            print(calibration(rows, seeds=seeds, stages=stages), end="\n\n")
        claims += _claims(task, wanted, by_name)
    return claims


def _claims(task: str, wanted: float, by_name: dict[str, np.ndarray]) -> list[Claim]:
    means = {name: shares.mean(axis=0) for name, shares in by_name.items()}
    rivals = {name: mean for name, mean in means.items() if name != "ours"}
    best = max(rivals, key=lambda name: rivals[name][AT - 1])
    at_eight = means["ours"][AT - 1]
    leads = np.min([means["ours"] - mean for mean in rivals.values()], axis=0)
    ahead = int(np.argmax(leads < 0)) if (leads < 0).any() else leads.size
    return [
        Claim(
            f"{task}: share of the hypervolume at {AT} stages, peer {best}",
            f"{at_eight:.3f}",
            f"{rivals[best][AT - 1]:.3f}",
            at_eight / rivals[best][AT - 1],
            wanted=f"at least {wanted}",
            met=bool(at_eight >= wanted),
        ),
        Claim(
            f"{task}: budgets at which it is ahead of every rival; least lead {leads.min():+.4f}",
            f"1 to {ahead} stages",
            f"1 to {leads.size}",
            ahead / leads.size,
            wanted="at every budget",
            met=bool(ahead == leads.size),
        ),
    ]


def _print(task: str, by_name: dict[str, np.ndarray]) -> None:
    print(f"{task}: share of the hypervolume by stages, mean of seeds with its 95 % interval")
    shown = [at for at in SHOWN if at <= stages_axis(by_name)]
    rows = [
        (name, *(interval(shares[:, at - 1]) for at in shown)) for name, shares in by_name.items()
    ]
    print_table(("search", *map(str, shown)), rows)


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="searches of each kind")
    parser.add_argument("--stages", type=int, default=32, help="the largest budget")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the records, and stop")
    options = parser.parse_args()
    if options.table:
        write_rows(shipped_rows(), options.table)
        return
    claims = measure(options.seeds, options.stages, tables=not options.json)
    show(claims, as_json=options.json)


if __name__ == "__main__":
    main()
