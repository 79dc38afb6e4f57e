"""Fixtures of the browser tests: the real app in its own process, and pages that are watched."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from effexplorer.records.files import write_record
from tests.builders import a_record

ROOT = Path(__file__).parents[2]
RUNS = ("", "distill", "prune", "quantize", "distill > quantize", "distill > prune > quantize")
# A page that is left closes its connections, which Gradio calls errors in the console.
LEFT = "addEventListener('beforeunload', () => { console.error = () => {}; })"
CHROMIUM = os.environ.get("EFFEXPLORER_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="package")
def app(tmp_path_factory, tiny_model_folder):
    """Return the running app's ``url``, ``home`` and made-up ``records`` of the task qqp."""
    home = tmp_path_factory.mktemp("app")
    records = {steps: a_record(steps, task="qqp") for steps in RUNS}
    for record in records.values():
        write_record(record, home / "runs")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "EFFEXPLORER_HOME": str(home),
        "EFFEXPLORER_MODEL_DIR": str(tiny_model_folder.parent),
        "HF_HUB_OFFLINE": "1",
    }
    environment.pop("EFFEXPLORER_GLUE_DIR", None)
    log = (home / "app.log").open("w")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "app.py", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}/"
    _wait_until_served(url, process, home / "app.log")
    yield SimpleNamespace(url=url, home=home, records=records)
    process.terminate()
    process.wait(timeout=20)
    log.close()


def _wait_until_served(url, process, log):
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310
            return
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"the app did not start: {log.read_text()}")


@pytest.fixture(scope="package")
def driver():
    """Return what starts a headless Chromium; closed before tests with an event loop of theirs."""
    if not CHROMIUM:
        pytest.skip("no chromium on the path, and EFFEXPLORER_CHROMIUM names none")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(driver):
    """Return a Chromium for contexts that share nothing with other tests."""
    chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def visitor(driver, tmp_path_factory):
    """Return the context that most tests share.

    Its profile is on disk, so that Chromium keeps the page's scripts compiled: a page then opens
    in two thirds of the time.
    """
    context = driver.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=CHROMIUM,
        args=["--no-sandbox"],
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
    )
    context.add_init_script(LEFT)
    yield context
    context.close()


@pytest.fixture
def stranger(browser):
    """Return a context of another browser, that touches."""
    context = browser.new_context(has_touch=True, reduced_motion="reduce")
    context.add_init_script(LEFT)
    yield context
    context.close()


@pytest.fixture(scope="package")
def idle():
    """Return the shared context's pages that no test uses: one that is open loads sooner again."""
    return []


@pytest.fixture
def open_page(app, visitor, idle):
    """Return a function that opens the app; at the end no page may have erred or gone out.

    A test that listens to its page asks for a ``fresh`` one, which no other test then gets.
    """
    faults, listeners, taken = [], [], []

    def opened(query="", *, width=1440, height=900, context=visitor, fresh=False):
        again = context is visitor and not fresh
        page = idle.pop() if again and idle else context.new_page()
        taken.append((page, again))
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(60_000)
        for event, listener in (
            ("console", lambda one: one.type == "error" and faults.append(one.text)),
            ("pageerror", lambda error: faults.append(str(error))),
            ("request", lambda one: _stays_here(one.url) or faults.append(one.url)),
        ):
            page.on(event, listener)
            listeners.append((page, event, listener))
        page.goto(app.url + query)
        page.wait_for_selector(".fx-plane .filters select", state="attached")
        return page

    yield opened
    for page, again in taken:
        if not again:
            page.close()
        elif not page.is_closed():
            page.unroute_all(behavior="ignoreErrors")
            page.goto("about:blank")
            idle.append(page)
    for page, event, listener in listeners:
        page.remove_listener(event, listener)
    assert faults == []


def _stays_here(url):
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


@pytest.fixture
def add_runs(app):
    """Return a function that shows more runs in the app until the test ends."""
    paths = []

    def added(records):
        paths.extend(write_record(record, app.home / "runs") for record in records)

    yield added
    for path in paths:
        path.unlink(missing_ok=True)


@pytest.fixture
def explore(app, open_page):
    """Return a page that shows the made-up runs on the plane."""
    page = open_page()
    page.get_by_label("Task", exact=True).select_option("qqp")
    page.wait_for_function(
        "count => document.querySelectorAll('.fx-plane .points path.point').length === count",
        arg=len(app.records),
    )
    return page


@pytest.fixture
def build(open_page):
    """Return a page on the Build tab, with the preset D>P>Q in the builder."""
    page = open_page()
    go_to_build(page)
    return page


def go_to_build(page):
    """Open the Build tab and set the preset D>P>Q."""
    page.get_by_role("tab", name="Build").click()
    page.get_by_role("button", name="D>P>Q", exact=True).click()
    wait_for_order(page, "distill > prune > quantize")


def wait_for_order(page, text):
    """Wait until the builder's one-line text is ``text``, which the server wrote."""
    page.wait_for_function(
        "text => document.querySelector('.typed-steps')?.textContent === text", arg=text
    )
