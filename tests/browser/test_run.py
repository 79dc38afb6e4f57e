"""A live run in a real browser: from the builder to a point on the plane, in several tabs."""

import pytest

from effexplorer.ui.shared.panel import UI
from tests.browser.conftest import wait_for_order

# Still runs when asked, on a fast machine too.
LONG = {"steps": ("prune", "exit", "slenderize", "distill"), "examples": "900", "epochs": "20"}


RUNNING = {"state": "running", "started": 1000, "latest": 1060, "eta": 90, "fraction": 0.257}


@pytest.mark.parametrize(
    ("change", "now", "words"),
    [
        ({}, 1060, "25 %, 1 min 00 s so far, about 1 min 30 s left"),
        ({}, 1075, "25 %, 1 min 15 s so far, about 1 min 15 s left"),
        ({}, 1000, "25 %, 1 min 00 s so far, about 1 min 30 s left"),
        ({"eta": None}, 4661, "25 %, 1 h 01 min so far"),
        ({"state": "failed"}, 1075, "1 min 00 s so far"),
        ({"state": "queued", "started": None, "latest": None, "eta": None}, 1075, ""),
    ],
)
def test_the_clock_of_a_run_goes_on_between_its_events(visitor, change, now, words):
    page = visitor.new_page()
    page.add_script_tag(content=(UI / "build" / "clock.js").read_text("utf-8"))
    assert page.evaluate("([job, now]) => clockOf(job, now)", [RUNNING | change, now]) == words
    page.close()


def prepare(page, seed, steps=("prune",), examples="16", epochs=""):
    """Describe a run of the tiny model on a few reviews; return when it may start."""
    page.get_by_role("tab", name="Build").click()
    page.locator("#fx-model").select_option("tiny")
    page.locator("#fx-task").select_option("reviews")
    page.locator("#fx-train_examples").fill(examples)
    page.locator("#fx-epochs").fill(epochs)
    page.locator("#fx-seed").fill(str(seed))
    page.get_by_role("button", name="dense", exact=True).click()
    for name in steps:
        page.locator(".palette").get_by_role("button", name=name).click()
    wait_for_order(page, " > ".join(steps) or "(none: the dense model alone)")
    page.locator(".run-button:not([disabled])").wait_for()


def test_a_run_goes_to_its_end_and_lands_on_the_plane(open_page):
    page = open_page()
    prepare(page, seed=1, steps=("quantize",))
    page.locator(".run-button").click()
    page.wait_for_selector("#job .stage-list li.done", timeout=90_000)
    page.wait_for_selector("#run-page h2 >> text=Q", timeout=60_000)
    page.wait_for_selector(".runs-table tr.selected")
    assert "tiny on" in page.locator("#run-page header").first.inner_text()
    assert "run=" in page.url
    page.get_by_role("tab", name="Build").click()
    page.locator(".run-button", has_text="Load").wait_for()
    page.locator(".run-button").click()
    page.wait_for_selector(".runs-table tr.selected")


def test_a_closed_tab_is_found_again_a_second_tab_joins_and_only_the_first_browser_cancels(
    open_page, stranger
):
    page = open_page()
    prepare(page, seed=2, **LONG)
    page.locator(".run-button").click()
    page.wait_for_selector("#job .job")
    page.wait_for_function("() => location.search.includes('run=')")
    link = "?" + page.url.partition("?")[2]

    other = open_page(link, context=stranger)
    other.wait_for_selector("#job .job")
    assert other.get_by_role("button", name="Cancel").count() == 0

    page.close()
    again = open_page(link)
    again.get_by_role("button", name="Cancel").click()
    again.wait_for_selector("#job .state.cancelled", timeout=60_000)
    other.wait_for_selector("#job .state.cancelled", timeout=60_000)

    again.get_by_role("button", name="Retry").click()
    again.get_by_role("button", name="Cancel").click(timeout=60_000)
    again.wait_for_selector("#job .state.cancelled", timeout=60_000)


def test_a_tab_that_asks_for_another_run_watches_the_new_one(open_page):
    page = open_page()
    prepare(page, seed=3, **LONG)
    page.locator(".run-button").click()
    page.wait_for_selector("#job .job.running")
    first = page.url
    prepare(page, seed=4)
    page.locator(".run-button").click()
    page.wait_for_selector("#job .job.queued")
    page.wait_for_function("first => location.href !== first", arg=first)
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector("#job .state.cancelled", timeout=60_000)
    again = open_page("?" + first.partition("?")[2])
    again.get_by_role("button", name="Cancel").click()
    again.wait_for_selector("#job .state.cancelled", timeout=60_000)


def test_loading_a_finished_run_leaves_the_one_in_progress_on_view(open_page, app):
    page = open_page()
    prepare(page, seed=5, **LONG)
    page.locator(".run-button").click()
    page.wait_for_selector("#job .job.running")
    page.get_by_role("tab", name="Explore").click()
    page.locator("#plane").get_by_label("Task", exact=True).select_option("qqp")
    page.wait_for_selector(f".runs-table caption >> text={len(app.records)} runs")
    page.locator(".runs-table").get_by_role("button", name="D>Q", exact=True).click()
    page.get_by_role("button", name="Open in builder").click()
    page.locator(".run-button", has_text="Load").click()
    page.wait_for_selector("#plane:visible")
    page.get_by_role("tab", name="Build").click()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector("#job .state.cancelled", timeout=60_000)
