"""The lessons in a real browser: a step after the other, what shows it, a teacher's link."""

import pytest

from tests.browser.test_axe import AXE, VIOLATIONS


def tabs(page):
    return page.locator("#tabs .tab-container:not(.visually-hidden) [role=tab]:visible")


def test_the_lessons_are_closed_until_they_are_asked_for(open_page):
    page = open_page()
    panel = page.get_by_role("complementary", name="Learn")
    assert not panel.is_visible()
    page.get_by_role("button", name="Learn: five short lessons").click()
    panel.get_by_text("Step 1 of 3").wait_for()
    assert "lesson=1&step=1" in page.url
    page.get_by_role("button", name="Close the lessons").click()
    assert not panel.is_visible() and "lesson" not in page.url


def test_a_step_asks_answers_and_sets_the_app_to_what_shows_it(open_page):
    page = open_page("?lesson=2&step=9")  # it has three
    panel = page.get_by_role("complementary", name="Learn")
    panel.get_by_text("Step 3 of 3").wait_for()
    panel.get_by_label("Lesson", exact=True).select_option("1")
    panel.get_by_role("button", name="Next", exact=True).click()
    panel.get_by_text("Step 2 of 3").wait_for()
    answer = panel.get_by_text("a front is steep on its left")
    assert not answer.is_visible()
    panel.get_by_text("Answer", exact=True).click()
    assert answer.is_visible()
    panel.get_by_role("link", name="Show it in the app").click()
    page.wait_for_function(
        "document.querySelector('.fx-plane .question input')?.value === '5'"
        " && document.querySelector('[aria-label=Task]').value === 'sst2'"
    )
    panel.get_by_text("Step 2 of 3").wait_for()


def test_a_teachers_link_hides_tabs_and_locks_controls(open_page):
    page = open_page("?lesson=1")
    panel = page.get_by_role("complementary", name="Learn")
    panel.get_by_text("A link for a class").click()
    for name in ("Explore", "Runs", "Threshold"):
        panel.get_by_label(name, exact=True).check()
    link = panel.locator(".link").inner_text()
    assert "hide=explore%2Cruns" in link and "lock=threshold" in link
    page.goto(link)
    page.wait_for_selector("#tabs [data-tab-id=build][aria-selected=true]")
    assert tabs(page).all_inner_texts() == ["Build", "Orders", "Early exit"]
    page.get_by_role("tab", name="Early exit").click()
    page.wait_for_selector(".fx-exits .curve .line")
    assert page.get_by_role("slider", name="Threshold").evaluate("one => !!one.closest('[inert]')")
    assert not page.get_by_label("Sentence").evaluate("one => !!one.closest('[inert]')")


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_covers_nothing_of_a_wide_page_and_passes_axe(open_page, width, theme):
    page = open_page(f"?lesson=3&__theme={theme}", width=width)
    panel = page.get_by_role("complementary", name="Learn")
    panel.get_by_text("Step 1 of 3").wait_for()
    if width >= 1000:
        right = page.locator(".fx-plane .card").first.bounding_box()
        assert right["x"] + right["width"] <= panel.bounding_box()["x"]
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm ci")
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(VIOLATIONS) == []
