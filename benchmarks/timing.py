"""Timing in turns: ours and the peer's, so that whatever disturbs the machine disturbs both."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median, quantiles

from effexplorer.cli.output import print_json, print_table


@dataclass(frozen=True)
class Claim:
    """One measured ratio; ``wanted`` says in words what it should be, and ``met`` if it is."""

    what: str
    ours: str
    peer: str
    ratio: float
    spread: str = ""
    wanted: str = ""
    met: bool | None = None


def in_turns(
    ours: Callable[[], object], peer: Callable[[], object], *, rounds: int, calls: int
) -> tuple[float, float, float, str]:
    """Return the median seconds of a call of ours and of the peer's, their ratio and its quartiles.

    A round times ``calls`` calls of each, the first of the two alternating; the ratio is the median
    of the rounds' ratios, and the first round is not counted.
    """
    pairs = []
    for turn in range(rounds + 1):
        order = (ours, peer) if turn % 2 else (peer, ours)
        seconds = {contestant: _median_seconds(contestant, calls) for contestant in order}
        pairs.append((seconds[ours], seconds[peer]))
    pairs = pairs[1:]
    ratios = [pair / other for pair, other in pairs]
    times = (median(pair for pair, _ in pairs), median(other for _, other in pairs))
    return *times, median(ratios), quartiles(ratios)


def quartiles(values: list[float]) -> str:
    """Return the first and third quartile as ``0.41-0.47``; empty for a single value."""
    if len(values) < 2:
        return ""
    low, _, high = quantiles(values, n=4, method="inclusive")
    return f"{low:.2f}-{high:.2f}"


@contextlib.contextmanager
def threads(number: int) -> Iterator[None]:
    """Let torch compute with ``number`` threads."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def options_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the option that all benchmarks share."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def show(claims: list[Claim], *, as_json: bool) -> None:
    """Print the claims."""
    if as_json:
        print_json([asdict(claim) for claim in claims])
        return
    heading = ("what", "ours", "peer", "ratio", "quartiles", "wanted", "")
    print_table(heading, [_cells(claim) for claim in claims])


def _cells(claim: Claim) -> tuple[str, ...]:
    verdict = {True: "met", False: "not met", None: ""}[claim.met]
    ratio = f"{claim.ratio:.2f}"
    return claim.what, claim.ours, claim.peer, ratio, claim.spread, claim.wanted, verdict


def _median_seconds(call: Callable[[], object], calls: int) -> float:
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return median(times)
