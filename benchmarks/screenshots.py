"""The screenshots of the docs, taken anew from the app: ``python -m benchmarks.screenshots``.

The shipped runs are shown, in a fresh browser profile; needs a Chromium on the PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from time import sleep

from benchmarks.app_start import BROWSERS, PATIENCE_SECONDS, ROOT, free_port

SIZE = {"width": 1440, "height": 900}
PICTURES = {"explore.png": ("Explore", "#plane .main-svg")}


def main() -> None:
    """Write every picture of ``PICTURES`` into docs/."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(  # noqa: S603 - this repository's own app
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"EFFEXPLORER_HOME": home},
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/")
            with sync_playwright() as driver:
                path = next(filter(None, map(shutil.which, BROWSERS)))
                browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
                page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
                page.set_default_timeout(1000 * PATIENCE_SECONDS)
                page.goto(f"http://127.0.0.1:{port}/?__theme=light")
                for name, (tab, landmark) in PICTURES.items():
                    page.get_by_role("tab", name=tab).click()
                    page.wait_for_selector(landmark)
                    _open_best(page)
                    page.screenshot(path=ROOT / "docs" / name)
                    print(Path("docs") / name)
                browser.close()
        finally:
            process.terminate()
            process.wait()


def _open_best(page) -> None:
    """Open the run that answers the budget question, so that its path is seen."""
    page.locator("#plane .reply button").click()
    page.wait_for_selector("#run-page .tiles")
    page.wait_for_timeout(1000)


def _wait(url: str) -> None:
    for _ in range(round(PATIENCE_SECONDS / 0.5)):
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - this machine's own app
            return
        except (urllib.error.URLError, ConnectionError):
            sleep(0.5)
    raise SystemExit(f"screenshots: {url} must answer; it did not.")


if __name__ == "__main__":
    main()
