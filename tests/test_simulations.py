"""The simulations of verdicts run, and docs/verdicts.md says what they found."""

import re

import pytest

from benchmarks import (
    simulated_orders,
    simulated_pairs,
    simulated_prediction,
    simulated_sizes,
    verdicts,
)
from effexplorer.analysis import trade_off
from effexplorer.analysis.verdict import MARGIN

PAGE = verdicts.PAGE.read_text("utf-8")


def test_orders_at_the_margin_are_seldom_answered_and_far_ones_mostly():
    near = simulated_orders.rates(25, 3, MARGIN, unequal=0.5)
    assert near.any_no <= 0.12 and all(share <= 0.06 for share in near.yes.values())
    far = simulated_orders.rates(10, 6, 3.0)
    assert min(far.no.values()) > 0.9


def test_exactly_additive_effects_are_predictable_and_never_not():
    yes, no, alone = simulated_prediction.rates(20, 6, 0.0)
    assert yes > 0.8 and no == alone == 0


def test_sizes_at_the_margin_are_seldom_answered():
    yes, _, alone = simulated_sizes.rates(150, 6, 1 / trade_off.MARGIN, 0.1)
    assert yes < 0.1 and alone < 0.1


def test_advantages_at_the_margin_are_seldom_answered():
    yes, no, any_yes = simulated_pairs.rates(40, 3, MARGIN, unequal=0.5)
    assert yes < 0.01 and no < 0.06 and any_yes < 0.12


def test_the_page_has_every_table_with_each_number_of_seeds():
    for heading in ("true distance", "true error", "true M", "true advantage"):
        table = next(part for part in PAGE.split("\n\n") if part.startswith(f"| {heading}"))
        seeds = re.findall(r"\| (3|6|10) \|", table)
        assert len(seeds) >= 9 and set(seeds) == {"3", "6", "10"}


@pytest.mark.parametrize("heading", ["true distance", "true advantage"])
def test_on_the_page_no_error_comes_in_more_than_one_case_of_twenty(heading):
    table = next(part for part in PAGE.split("\n\n") if part.startswith(f"| {heading}"))
    at_margin = [line for line in table.splitlines() if line.startswith(f"| {MARGIN:g} points")]
    shares = [float(share) for line in at_margin for share in re.findall(r"([\d.]+) %", line)]
    assert len(at_margin) == 6 and max(shares) <= 5.0
