"""Find in a real browser: limits shade the plane, a search is watched, its answer is opened."""

import pytest

from tests.browser.conftest import wait_for_order
from tests.find.builders import a_request
from tests.find.saved_search import save_search


@pytest.fixture
def find(open_page):
    page = open_page()
    page.get_by_role("tab", name="Build").click()
    page.wait_for_selector(".fx-find .search-plane svg")
    return page


@pytest.fixture(scope="module")
def saved(app):
    """Return the id of a finished search."""
    return save_search(app.home, a_request(budget=1200.0, max_size=30e6))


def shaded(page):
    """Return how wide and how high the forbidden regions are."""
    return page.eval_on_selector_all(
        ".fx-find rect[fill='url(#fx-forbidden)']",
        "found => found.map(one => [one.width.baseVal.value, one.height.baseVal.value])",
    )


def test_a_limit_shades_what_it_forbids_as_its_slider_moves(find):
    before = shaded(find)
    slider = find.get_by_label("File of at most: how much")
    slider.focus()
    for _ in range(10):
        find.keyboard.press("ArrowRight")
    (narrow,), (wide,) = shaded(find), before
    assert narrow[0] < wide[0] and narrow[1] == wide[1]


def test_two_limits_shade_two_regions_and_none_shades_nothing(find):
    find.get_by_text("Points below the dense model, at most").click()
    find.wait_for_function(
        "document.querySelectorAll(\".fx-find rect[fill='url(#fx-forbidden)']\").length === 2"
    )
    find.get_by_text("Points below the dense model, at most").click()
    find.get_by_text("File of at most").click()
    find.wait_for_selector(".fx-find .problem >> text=must have a limit")
    assert shaded(find) == []
    assert find.get_by_role("button", name="Start search").is_disabled()


def test_the_plan_is_told_before_a_search_begins(find):
    find.wait_for_selector(".fx-find .told >> text=buy about")


def test_a_linked_search_shows_explored_and_confirmed_apart_and_its_answer(open_page, saved):
    page = open_page(f"?search={saved}")
    page.wait_for_selector(".fx-find .answer >> text=Found:")
    assert page.locator(".fx-find .point.explored").count() > 3
    assert page.locator(".fx-find .point.confirmed").count() >= 3
    assert page.locator(".fx-find .findings li").count() > 3


def test_an_answer_opens_in_the_builder(open_page, saved):
    page = open_page(f"?search={saved}")
    text = page.locator(".fx-find .answer .line").inner_text()
    page.get_by_role("button", name="Open in Build").click()
    wait_for_order(page, text.removeprefix("Found: ").partition(":")[0])


def test_a_search_is_started_and_cancelled(find):
    find.get_by_label("Model to search").select_option("tiny")
    find.get_by_label("Training rows to search with").fill("40")
    find.get_by_label("Training rows to search with").press("Tab")
    find.wait_for_selector(".fx-find .start:not(:disabled)")
    find.get_by_role("button", name="Start search").click()
    find.wait_for_selector(".fx-find .search")
    find.get_by_role("button", name="Cancel search").click()
    find.wait_for_selector(".fx-find .search .state >> text=/Stopping|Cancelled/")
    find.wait_for_selector(".fx-find .search .state >> text=Cancelled", timeout=120_000)


@pytest.mark.parametrize("width", [390, 1024])
def test_the_search_fits_a_narrow_page(open_page, saved, width):
    page = open_page(f"?search={saved}", width=width, height=844)
    page.wait_for_selector(".fx-find .answer")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
