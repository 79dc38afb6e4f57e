"""The Orders tab in a real browser: two figures of one table, verdicts, and missing runs queued."""

import dataclasses

import pytest

from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.tasks.data import load_task
from tests.builders import a_record

MADE = "1 of 6 orders of {D, P, Q}"  # the made-up runs of qqp


@pytest.fixture
def orders(open_page):
    """Return a page on the Orders tab, with the made-up runs of distill, prune and quantize."""
    page = open_page()
    page.get_by_role("tab", name="Orders").click()
    page.wait_for_selector(".fx-orders .strip .row")
    page.locator(".fx-orders [data-name=task]").select_option("qqp")
    page.wait_for_selector(f".fx-orders h2 >> text={MADE}")
    return page


def order(page, letters):
    return page.locator(".fx-orders .order", has_text=letters)


def test_the_shipped_runs_fill_the_tab_at_first(open_page):
    page = open_page()
    page.get_by_role("tab", name="Orders").click()
    page.wait_for_selector(".fx-orders .strip .seed")
    page.wait_for_selector(".fx-orders .paths .way")
    assert page.locator(".fx-orders .verdict-card").count() >= 3
    assert page.get_by_text("arXiv 2208.00483").first.is_visible()


def test_every_order_is_a_row_and_those_that_were_run_are_paths(orders):
    rows = orders.locator(".fx-orders .order").all_inner_texts()
    assert rows[0] == "D>P>Q" and len(rows) == 6
    assert orders.locator(".fx-orders .strip .seed").count() == 1
    assert orders.locator(".fx-orders .paths g.way").count() == 1
    assert orders.locator(".fx-orders .row.unrun .queue").count() == 5


def test_an_order_under_the_pointer_stands_out_in_both_figures(orders):
    orders.locator(".fx-orders .row").first.hover()
    orders.wait_for_selector(".fx-orders .row.lit >> text=D>P>Q")
    assert orders.locator(".fx-orders .paths .lit .line").count() == 1
    orders.locator(".fx-orders h2").first.hover()
    orders.wait_for_selector(".fx-orders .paths:not(.dimmed)")


def test_a_path_under_the_pointer_lights_its_row(orders):
    orders.locator(".fx-orders .paths .way .end").first.hover(force=True)
    orders.wait_for_selector(".fx-orders .row.lit >> text=D>P>Q")


def test_by_keyboard_an_order_opens_and_leads_to_its_run(orders, app):
    order(orders, "D>P>Q").focus()
    orders.wait_for_selector(".fx-orders .row.lit >> text=D>P>Q")
    orders.keyboard.press("Enter")
    orders.wait_for_selector(".fx-orders .detail >> text=distill > prune > quantize")
    assert order(orders, "D>P>Q").get_attribute("aria-expanded") == "true"
    orders.get_by_role("button", name="Open seed 0").press("Enter")
    orders.wait_for_selector("#run-page h2 >> text=D>P>Q")
    assert app.records["distill > prune > quantize"].id in orders.url


def test_a_dot_opens_its_run_which_tells_measured_minus_predicted(orders):
    orders.locator(".fx-orders .strip .seed").first.click()
    orders.wait_for_selector("#run-page h3 >> text=Measured minus predicted")
    # 90.0 - 1.4 - 0.9 - 0.3, as it came out.
    orders.wait_for_selector("#run-page dd >> text=predicted 87.4 %")
    assert orders.locator("#run-page .point dd strong").first.inner_text() == "+0.0 points"


def test_the_cost_axis_can_be_changed(orders):
    orders.locator(".fx-orders input[value=latency]").check(force=True)
    orders.wait_for_selector(".fx-orders .paths .title >> text=Latency (ms, batch 1)")


def test_letters_choose_another_set(orders):
    letters = orders.locator(".fx-orders .letters")
    letters.get_by_role("button", name="prune").click()
    orders.wait_for_selector(".fx-orders h2 >> text=of {D, Q}")
    letters.get_by_role("button", name="exit").click()
    orders.wait_for_selector(".fx-orders h2 >> text=0 of 6 orders of {D, E, Q}")
    letters.get_by_role("button", name="trim").click()
    orders.wait_for_selector(".fx-orders h2 >> text=0 of 24 orders of {D, E, Q, V}")
    assert letters.get_by_role("button", name="prune").is_disabled()


def test_a_link_reproduces_the_choice(orders, open_page):
    orders.locator(".fx-orders input[value=macs]").check(force=True)
    orders.wait_for_selector(".fx-orders .paths .title >> text=MACs")
    orders.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", {
            value: { writeText: async (text) => { window.copied = text; } } })"""
    )
    orders.locator(".fx-orders").get_by_role("button", name="Copy link").click()
    orders.wait_for_function("() => window.copied")
    page = open_page("?" + orders.evaluate("window.copied").partition("?")[2])
    page.wait_for_selector(f".fx-orders h2 >> text={MADE}")
    assert page.locator(".fx-orders input[value=macs]").is_checked()
    assert page.locator(".fx-orders [data-name=task]").input_value() == "qqp"


def test_an_order_whose_data_cannot_be_had_is_refused_in_a_sentence(orders):
    orders.get_by_role("button", name="Queue P>D>Q, seed 0").click()
    orders.wait_for_selector(".fx-orders .told .problem >> text=qqp")
    assert orders.get_by_role("button", name="Queue P>D>Q, seed 0").is_enabled()


def test_a_missing_order_is_queued_watched_and_fills_its_row_when_it_is_there(open_page, add_runs):
    add_runs([a_tiny_run("prune > quantize")])
    page = open_page("?orders=prune%20%3E%20quantize&model=tiny&task=reviews")
    page.get_by_role("button", name="Queue Q>P, seed 0").click()
    page.locator(".fx-orders .job").click()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector("#job .state.cancelled", timeout=60_000)
    page.go_back()
    page.get_by_role("button", name="Queue Q>P, seed 0").wait_for()
    page.get_by_role("tab", name="Build").click()
    add_runs([a_tiny_run("quantize(mode=aware) > prune")])
    page.get_by_role("tab", name="Orders").click()
    page.wait_for_selector(".fx-orders h2 >> text=All 2 orders of {P, Q}")
    assert page.locator(".fx-orders .queue").count() == 0


def a_tiny_run(steps):
    """Return a made-up record of the tiny model, as of a run that takes a while to its end."""
    made = a_record(steps, model="tiny", task="reviews")
    plan = Pipeline("tiny", "reviews", parse_steps(steps), train_examples=900, epochs=20)
    data = made.data | {"fingerprint": load_task("reviews", train_examples=900).fingerprint}
    return dataclasses.replace(made, id=plan.key, pipeline=plan.to_dict(), data=data)


def test_the_strip_is_a_table_that_reads_without_the_figure(orders):
    table = orders.locator(".fx-orders .strip")
    assert "seed 0: 87.4 %" in table.inner_text()
    assert orders.locator(".fx-orders .strip th[scope=row]").count() == 6
    assert orders.locator(".fx-orders .paths").get_attribute("aria-label").endswith("D>P>Q 87.4 %.")
