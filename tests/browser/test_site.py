"""A static site in a real browser, served by a plain file server, cut off from everything else."""

import functools
import http.server
import threading
from types import SimpleNamespace

import pytest

from effexplorer.inference.model import load_exits
from effexplorer.records.export import to_csv
from effexplorer.records.store import open_store
from effexplorer.site.plan import Plan, plan
from effexplorer.site.publish import publish
from tests.browser.test_axe import AXE, LOOKS, VIOLATIONS

MOST_BYTES = 3_000_000  # before the first model is asked for
PATHS = ".fx-plane .points path.point"


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the ``url`` of a site with its ``runs``: SST-2, and orders on the reviews."""
    folder = tmp_path_factory.mktemp("site") / "public"
    store = open_store()
    made = plan(store, tasks=["sst2", "reviews"], models=["sst2"], title="Class 7")
    whole = "61,013"  # rows
    runs = [run for run in made.runs if whole in run.record.trained_on][::3]
    runs += [
        run
        for run in made.runs
        if run.record.task == "reviews" and set(run.record.letters) <= set("dense>DPQ")
        if run.record.seed < 2
    ]
    publish(Plan(tuple(runs), made.models, made.title, store), folder)
    handler = functools.partial(_Files, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}/", runs=runs)
        server.shutdown()
        thread.join()


@pytest.fixture
def open_site(site, browser):
    """Return a function that opens the site; at the end nothing may have erred or asked outside."""
    faults, contexts = [], []

    def opened(query="", *, width=1440, theme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", color_scheme=theme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.route(
            lambda url: not url.startswith((site.url, "data:", "blob:")),
            lambda route: (faults.append(route.request.url), route.abort()),
        )
        page.sizes = []
        page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("response", lambda one: page.sizes.append(int(one.header_value("content-length"))))
        page.goto(site.url + query)
        page.wait_for_selector(".fx-plane .filters select", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def count(page, selector):
    return page.locator(selector).count()


def test_it_opens_on_the_plane_in_less_than_three_megabytes(open_site):
    page = open_site()
    page.wait_for_selector(PATHS)
    page.get_by_role("tab", name="Orders").click()
    page.wait_for_selector(".fx-orders dl")
    assert 0 < sum(page.sizes) < MOST_BYTES
    assert page.title() == page.locator("h1").inner_text() == "Class 7"
    assert [tab.inner_text() for tab in page.get_by_role("tab").all()] == [
        "Explore",
        "Orders",
        "Early exit",
    ]


def test_filters_links_and_back_work_without_a_server(open_site):
    page = open_site("?explore=sst2&axis=macs")
    page.wait_for_selector(PATHS)
    before = count(page, PATHS)
    page.get_by_role("button", name="distill", exact=True).click()
    page.wait_for_function(
        f"before => document.querySelectorAll('{PATHS}').length < before", arg=before
    )
    assert "with=D" in page.url and "axis=macs" in page.url
    page.go_back()
    page.wait_for_function(
        f"before => document.querySelectorAll('{PATHS}').length === before", arg=before
    )


def test_a_run_opens_with_its_path_and_offers_nothing_that_needs_a_server(open_site, site):
    run = next(run.record for run in site.runs if run.record.letters == "D>P>Q")
    page = open_site(f"?run={run.id}")
    page.wait_for_selector("#run-page .tiles")
    page.wait_for_selector(".fx-plane .scatterlayer .trace text")
    assert run.steps in page.locator("#run-page").inner_text()
    for name in ("Open in builder", "Try its exits", "See its exits"):
        assert page.get_by_role("button", name=name).count() == 0
    assert page.get_by_role("heading", name="Export").count() == 0
    page.get_by_role("button", name="Close the run").click()
    page.wait_for_function("() => !location.search.includes('run=')")


def test_an_unknown_run_is_told(open_site):
    page = open_site("?run=abcdefabcdef")
    page.get_by_text("There is no run abcdefabcdef on this page.").wait_for()


def test_the_filtered_rows_download_as_the_app_writes_them(open_site, site):
    page = open_site("?explore=reviews&with=D,P&match=only")
    page.wait_for_selector(PATHS)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download as CSV").click()
    text = waiting.value.path().read_text("utf-8")
    wanted = [
        run
        for run in site.runs
        if run.record.task == "reviews" and set(run.record.letters) <= set("dense>DP")
    ]
    assert sorted(text.splitlines()) == sorted(to_csv(wanted).splitlines())


def test_orders_and_verdicts_are_those_of_the_files(open_site):
    page = open_site("?orders=")
    page.wait_for_selector(".fx-orders dl")
    page.get_by_label("Set of operators").select_option(index=1)
    page.wait_for_function("() => document.querySelectorAll('.verdict-card').length >= 3")
    page.get_by_text("Latency", exact=True).last.click()
    page.get_by_text("Latency (ms, batch 1)").wait_for()
    page.get_by_role("button", name="slenderize", exact=True).click()
    page.get_by_text("operators: must be a set that this page has runs of").wait_for()


def test_a_run_of_the_orders_opens_on_the_plane(open_site):
    page = open_site("?orders=")
    page.wait_for_selector(".fx-orders dl")
    page.locator(".fx-orders .strip .seed").first.click()
    page.wait_for_selector("#run-page .tiles")
    assert page.get_by_role("tab", name="Explore").get_attribute("aria-selected") == "true"


def test_typed_sentences_are_answered_as_native_code_answers_them(open_site):
    text = "It looked solid, and broke on the first day."
    page = open_site("?exits=sst2")
    page.get_by_label("Sentence").fill(text)
    page.wait_for_function("() => document.querySelector('.fx-exits .outcome h2, .outcome strong')")
    (answer,) = load_exits("sst2")([text])
    page.get_by_text("Texts stay in this browser").wait_for()
    assert answer.labels[answer.exit] in page.locator(".fx-exits .outcome").inner_text().lower()
    assert page.get_by_role("radio", name="The server").count() == 0


def test_a_lesson_leads_to_what_it_shows_and_has_its_worksheet(open_site, site):
    page = open_site("?lesson=1")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="Show it in the app").click()
    page.wait_for_selector(PATHS)
    assert page.get_by_label("Megabytes at most").input_value() == "5"
    sheet = page.get_by_role("link", name="Worksheet to print").get_attribute("href")
    page.goto(site.url + sheet)
    assert "What a front is" in page.locator("h1").inner_text()


@pytest.mark.parametrize("look", LOOKS)
def test_no_part_of_it_violates_a_rule_of_axe(open_site, look):
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm ci")
    theme, width = LOOKS[look]
    page = open_site("?lesson=2", width=width, theme=theme)
    if look == "projector":
        page.evaluate("document.documentElement.classList.add('projector')")
    page.wait_for_selector(PATHS)
    page.evaluate(AXE.read_text("utf-8"))
    for tab, landmark in {
        "Explore": PATHS,
        "Orders": ".fx-orders dl",
        "Early exit": ".fx-exits .card",
    }.items():
        page.get_by_role("tab", name=tab).evaluate("tab => tab.click()")
        page.wait_for_selector(landmark)
        assert page.evaluate(VIOLATIONS) == [], tab


def test_the_keyboard_goes_through_the_tabs(open_site):
    page = open_site()
    page.get_by_role("tab", name="Explore").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".fx-orders dl")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "Orders"
