"""Time from the start of the process to the first page: app.py against a Gradio "hello world".

Both start in fresh processes, in turns, and open in a fresh browser profile. ``served``: until the
page's HTML is answered. ``open``: until the page can be used (app.py: its plane is drawn; hello:
its text box is there). Wanted: at most 1.5 times the peer's whole time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.timing import Claim, options_of, quartiles, show

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class App:
    """A script that takes a port, and the selector of what is there once its page can be used."""

    name: str
    arguments: tuple[str, ...]
    usable: str


OURS = App("app.py", ("app.py", "--port"), "#plane .main-svg, #plane .empty")
HELLO = App("hello", ("benchmarks/hello.py",), "textarea, input[type=text]")

Times = dict[App, list[tuple[float, float]]]


def start(app: App, browser) -> tuple[float, float]:
    """Return the seconds until the first page was served, and from then until it could be used."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home, _no_output() as nowhere:
        environment = os.environ | {"EFFEXPLORER_HOME": home}
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - this repository's own scripts
            [sys.executable, *app.arguments, str(port)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=nowhere,
            stderr=nowhere,
        )
        try:
            wait_for_page(process, port)
            served = time.perf_counter()
            page = browser.new_context().new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector(app.usable, timeout=1000 * PATIENCE_SECONDS)
            usable = time.perf_counter()
            page.context.close()
        finally:
            process.terminate()
            process.wait()
    return served - began, usable - served


def wait_for_page(process: subprocess.Popen, port: int) -> None:
    """Return once the page is answered; raises RuntimeError when the process ends before that."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                answer.read()
                return
        time.sleep(0.02)
    raise RuntimeError(f"no page from {process.args} within {PATIENCE_SECONDS:.0f} s")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _no_output():
    with open(os.devnull, "wb") as nowhere:
        yield nowhere


def main() -> None:
    """Start both in turns and print the medians."""
    parser = options_of(__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="starts that each gets")
    options = parser.parse_args()
    browsers = [path for path in map(shutil.which, BROWSERS) if path]
    if not browsers:
        parser.error(f"a browser must be on the PATH; got none of {', '.join(BROWSERS)}.")
    from playwright.sync_api import sync_playwright

    times: Times = {OURS: [], HELLO: []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers[0], args=["--no-sandbox"])
        for turn in range(options.rounds + 1):
            for app in (OURS, HELLO) if turn % 2 else (HELLO, OURS):
                seconds = start(app, browser)
                if turn:  # the first start reads files that the system then keeps in memory
                    times[app].append(seconds)
        browser.close()
    claims = [
        _claim("process start to first page served", times, lambda start: start[0]),
        _claim("then until the page can be used", times, lambda start: start[1]),
        _claim("both", times, sum, wanted=1.5),
    ]
    show(claims, as_json=options.json)


def _claim(what: str, times: Times, part: Callable, *, wanted: float = 0.0) -> Claim:
    seconds = [[part(start) for start in times[app]] for app in (OURS, HELLO)]
    ratios = [ours / other for ours, other in zip(*seconds, strict=True)]
    shown = [f"{median(second):.2f} s" for second in seconds]
    ratio = median(ratios)
    goal = (f"<= {wanted:.2f}", ratio <= wanted) if wanted else ()
    return Claim(what, *shown, ratio, quartiles(ratios), *goal)


if __name__ == "__main__":
    main()
