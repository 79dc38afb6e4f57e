"""Under fire: kills, full disks, hostile files and 10,000 records; a table of what was lost.

Each line is a function of its own that returns a ``Line``. Kills and faults run the test suite's
own writers; of many records processor time is measured, which a busy machine changes little.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.served import flood, served, typists
from benchmarks.typing_load import WANTED_BESIDE_A_RUN
from effexplorer import home
from effexplorer.records.store import HERE, Store

ROOT = Path(__file__).parents[1]
RECORDS = 10_000
_FLOOD_SECONDS = 2.0


@dataclass(frozen=True)
class Line:
    """One line of the table: what was done, what is wanted of it, what came out, and whether so."""

    done: str
    wanted: str
    outcome: str
    kept: bool


def kills(rounds: int) -> Line:
    """Kill a process that writes records, again and again, and look for what it had written."""
    chance = random.Random(0)  # noqa: S311 - where to kill is no secret
    with tempfile.TemporaryDirectory() as folder:
        written: set[str] = set()
        for attempt in range(rounds):
            command = ["-u", "-m", "tests.reliability.write_records", folder, str(attempt)]
            with subprocess.Popen(  # noqa: S603 - this program
                [sys.executable, *command], stdout=subprocess.PIPE, text=True, cwd=ROOT
            ) as writer:
                written.add(writer.stdout.readline().strip())
                time.sleep(chance.uniform(0, 0.03))
                writer.kill()
                written |= set(writer.stdout.read().split("\n")[:-1])
        store = Store({HERE: Path(folder)})
        lost = len(written - {run.record.id for run in store.runs()})
        came = f"{lost} of {len(written):,} records lost, {len(store.problems())} unreadable"
        return Line(f"{rounds} kills while saving", "0 lost", came, not lost)


def suite(done: str, wanted: str, *tests: str) -> Line:
    """Run ``tests`` of the test suite and count what they found."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S603
    counted = re.findall(r"(\d+) (passed|failed|error)", ended.stdout)
    counts = {kind: int(number) for number, kind in counted}
    bad = counts.get("failed", 0) + counts.get("error", 0)
    return Line(done, wanted, f"{counts.get('passed', 0)} right, {bad} wrong", not bad)


def write_faults(_: int) -> Line:
    """Refuse writes at moments all over a run."""
    tests = "tests/reliability/test_write_faults.py"
    return suite("full disk, once or for good", "0 runs lost", tests)


def hostile_records(_: int) -> Line:
    """Open records and tables that no run wrote."""
    tests = ("tests/attacks/test_records.py", "tests/attacks/test_arrays.py")
    return suite("hostile records and tables", "a sentence each, others shown", *tests)


def hostile_checkpoints(_: int) -> Line:
    """Run checkpoints as people find them."""
    wanted = "transformers' logits, or a sentence before training"
    return suite("odd checkpoints", wanted, "tests/attacks/test_checkpoints.py")


def floods(_: int) -> Line:
    """Ask for more than one client may, at once and at length, while another asks for one text."""
    seen = flood()
    came = (
        f"another waits {seen.before:.2f} s before, {seen.during:.2f} s during and "
        f"{seen.after:.2f} s after; {seen.refused} refused, long lines in {seen.huge:.2f} s"
    )
    kept = max(seen.during, seen.after, seen.huge) < _FLOOD_SECONDS
    return Line("120 x 50 long lines of one client", "another is answered within 2 s", came, kept)


def hundred_typists(_: int) -> Line:
    """Let a hundred people type while a run trains."""
    answers, slow = typists(100, 20.0)
    came = f"{answers} answers, 95th percentile {slow:.2f} s"
    kept = slow <= WANTED_BESIDE_A_RUN
    return Line("100 typists beside a run", f"95 % within {WANTED_BESIDE_A_RUN:g} s", came, kept)


def stopped_workers(_: int) -> Line:
    """Stop a run's process without ending it."""
    test = "tests/reliability/test_stopped_worker.py"
    return suite("a stopped worker", "told within 10 s, the next run goes", test)


def many_records(_: int) -> Line:
    """List and open ten thousand records, once the index is there."""
    with tempfile.TemporaryDirectory() as place:
        _copy_records(Path(place) / "runs", RECORDS)
        for _ in range(2):  # the first makes the index
            listed, _ = _spent([sys.executable, "-m", "effexplorer", "list"], place)
        code = "from effexplorer.records.store import open_store; len(open_store().runs())"
        opened, memory = _spent([sys.executable, "-c", code], place)
    came = f"list {listed:.1f} s, all opened {opened:.1f} s of processor time, {memory:.0f} MB"
    wanted = "list under 1 s, under 300 MB"
    return Line(f"{RECORDS:,} records", wanted, came, listed < 1 and memory < 300)


def app_on_many(_: int) -> Line:
    """Serve ten thousand records, and a hundred to compare with."""
    seen = []
    for count in (100, RECORDS):
        with tempfile.TemporaryDirectory() as place:
            _copy_records(Path(place) / "runs", count)
            served(Path(place))  # makes the index
            seen.append(served(Path(place)))
    few, many = seen
    ratio, slow = many.start / few.start, max(many.tabs, key=lambda name: many.tabs[name])
    came = (
        f"served after {ratio:.2f} x the time of 100; slowest tab {slow}: "
        f"{many.tabs[slow]:.1f} s; {many.memory:.0f} MB ({few.memory:.0f} MB with 100)"
    )
    kept = ratio < 1.5 and many.tabs[slow] < 2 and many.memory < 300
    wanted = "served in 1.5 x, each tab under 2 s, under 300 MB"
    return Line(f"the app on {RECORDS:,} records", wanted, came, kept)


def _copy_records(folder: Path, count: int) -> None:
    """Write ``count`` records like the shipped ones, with other seeds and ids."""
    folder.mkdir(parents=True)
    shipped = sorted((home.precomputed_folder() / "runs").glob("*.json"))
    plain = [json.loads(path.read_text("utf-8")) for path in shipped]
    for index in range(count):
        record = plain[index % len(plain)]
        record["pipeline"]["seed"] = 1_000 + index
        record["id"] = hashlib.sha256(str(index).encode()).hexdigest()[:12]
        (folder / f"{record['id']}.json").write_text(json.dumps(record, indent=1), "utf-8")


def _spent(command: list[str], place: str) -> tuple[float, float]:
    """Return the processor time and the megabytes of ``command`` with ``place`` as home."""
    environment = os.environ | {"EFFEXPLORER_HOME": place}
    process = subprocess.Popen(  # noqa: S603 - this program
        command, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}.")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


PARTS: dict[str, Callable[[int], Line]] = {
    "kills": kills,
    "faults": write_faults,
    "records": hostile_records,
    "checkpoints": hostile_checkpoints,
    "floods": floods,
    "stopped": stopped_workers,
    "many": many_records,
    "served": app_on_many,
    "typists": hundred_typists,
}


def main() -> None:
    """Run the parts that are named, all by default, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=[], help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=200, help="kills (default: %(default)s)")
    options = parser.parse_args()
    lines = [PARTS[name](options.rounds) for name in options.parts or PARTS]
    for line in (Line("what", "wanted", "found", kept=True), *lines):
        print(f"{line.done:32}  {line.wanted:52}  {line.outcome}")
    sys.exit(0 if all(line.kept for line in lines) else 1)


if __name__ == "__main__":
    main()
