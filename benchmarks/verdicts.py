"""Writes docs/verdicts.md: the rules of the verdicts, and how often they err in simulations.

Takes some minutes on one core; ``--part`` prints a single table. The truth of every simulated study
is known, with the study's own numbers of orders and seeds, shared prefixes included.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import simulated_orders, simulated_pairs, simulated_prediction, simulated_sizes

PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
TABLES = {
    "orders": lambda scale: simulated_orders.table(2 * scale),
    "prediction": lambda scale: simulated_prediction.table(3 * scale),
    "sizes": lambda scale: simulated_sizes.table(8 * scale),
    "pairs": lambda scale: simulated_pairs.table(3 * scale),
    "answers": lambda scale: simulated_pairs.answers(100 * scale),
}
TEXT = """# How verdicts are reached

A verdict is "yes" or "no" only if the data exclude the other one; else it is "cannot tell". Every
rule names a **margin**: the difference that would matter, 1 point unless chosen otherwise. "Within
the margin" is a test that the true difference is not that large (two one-sided t-tests, Schuirmann
1987), "beyond the margin" a test that it is not that small (Murphy and Myors 1999). Both take
p < 0.05, so that either is wrong in at most 1 of 20 cases, whatever the truth. What claims a
difference beyond the margin is corrected by Holm's method for **all verdicts of the page**: on the
study's page all, in the Orders tab those on the same comparable runs.

A comparison is **void** if any of its models is not surely above one answer for all: the one-sided
95 % bound of its mean over seeds, by Student's t.

This page is written by `python -m benchmarks.verdicts`. The tables are simulations with a known
truth. Where the truth lies at the margin, "yes" and "no" are both errors, and at most 5 % is
allowed; where it is far from it, the right one should come often. That is the power of the rule.

## Order (`analysis/commutativity.py`, `spread.py`, `prefixes.py`)

Orders are compared by seed. "Order does not matter: yes" takes that every two orders are within the
margin (intersection-union: no pair may fail). "No" takes that some pair is beyond it, corrected for
the number of pairs. Orders that begin alike share a trained model in each seed and are not
independent: the variance of a difference is that of a random effect per prefix and seed, pooled
over the pairs that part at the same place, with Satterthwaite's degrees of freedom, and moderated
among all sets of operators of the task (Smyth 2004). So three seeds can tell something; tests that
permute two orders within three seeds never could.

A page of the simulation has 44 sets: those of 2, 3 and 4 of four operators, in all orders, on four
tasks. Half of the orders of each set are better than the others by the true distance.

{orders}

## Prediction (`analysis/prediction_error.py`)

The error is the root mean square of all combinations' true errors. Its interval is the measured one
plus and minus the length of the noise, whose square follows F with Box's degrees of freedom
(Brunner, Dette and Munk 1997) under the same prefix model. "Yes" takes an error within the margin
and a skill (R²) above 0: the sum must predict better than the mean of all combinations. "No" takes
an error beyond the margin. Four operators, 60 combinations:

{prediction}

## Sizes (`analysis/multiplicativity.py`)

The reduction of a family of runs is read off its own curve, score against the logarithm of size
(the best score up to each size, straight lines between), at the dense model's score less 1 point. M
is the reduction of both over the product of each. Two sizes or more of each family are needed, and
curves that come down to the target; a target not above one answer for all is void. The interval is
the jackknife's over seeds. "Yes" takes an M within a tenth of 1, "no" one beyond it.

{sizes}

## Pairs: exits first or last, greedy or top (`analysis/advantage.py`)

"Yes" takes an advantage beyond the margin, "no" one below it; variances are moderated among the
pairs of a task. Exits must be trained for as many epochs in both orders (later exits longer,
`catch_up=yes`, or `finetune` steps), else the pair is void.

{pairs}

## Two models on the same sentences (`analysis/paired.py`)

Compared are their answers, sentence by sentence: McNemar's exact test, and a paired bootstrap for
the difference of any score. The Runs tab does so for runs side by side whose answers are kept.
Two intervals that overlap say little: 872 sentences, 70 of them
answered right by one model alone:

{answers}
"""


def main() -> None:
    """Simulate, and write the page or print one of its tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=TABLES, help="print this table alone")
    parser.add_argument("--scale", type=int, default=100, help="studies, in parts of a table")
    given = parser.parse_args()
    if given.part:
        for row in TABLES[given.part](given.scale):
            print(row, flush=True)
        return
    tables = {name: "\n".join(rows(given.scale)) for name, rows in TABLES.items()}
    PAGE.write_text(TEXT.format(**tables), "utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
