"""The page at several sizes, light and dark: nothing runs over an edge or another text."""

import pytest

SIZES = {"laptop": (1280, 800), "projector": (1920, 1080), "telephone": (390, 844)}
LANDMARKS = {"Explore": "#run-page .tiles", "Build": ".verdict .fine", "Orders": ".fx-orders dl"}
OVERLAPS = """() => {
  const named = 'button, label > span, h2, h3, td, dt, dd strong, .legend li';
  const shown = (one) => one.checkVisibility() && one.getBoundingClientRect().width
    && !one.closest('.offscreen, .launch, .runs-table');
  const texts = [...document.querySelectorAll('.fx :is(' + named + ')')].filter(shown);
  const hits = [];
  texts.forEach((one, index) => texts.slice(index + 1).forEach((other) => {
    if (one.contains(other) || other.contains(one)) return;
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1 && down > 1) hits.push(one.textContent + ' / ' + other.textContent);
  }));
  return hits;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_or_runs_over_the_edge(open_page, app, size, theme):
    width, height = SIZES[size]
    run = app.records["distill > prune > quantize"].id
    page = open_page(f"?run={run}&__theme={theme}", width=width, height=height)
    page.wait_for_selector("#run-page .tiles", state="attached")
    for tab, landmark in LANDMARKS.items():
        page.get_by_role("tab", name=tab).click()
        page.wait_for_selector(landmark)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(OVERLAPS) == []


def test_the_projector_mode_makes_the_type_larger_and_is_kept(open_page, stranger):
    page = open_page(context=stranger)
    size = "() => parseFloat(getComputedStyle(document.querySelector('.fx')).fontSize)"
    before = page.evaluate(size)
    page.get_by_role("button", name="Projector").click()
    assert page.evaluate(size) > before
    again = open_page(context=stranger)
    assert again.evaluate(size) > before


def test_the_dark_button_changes_the_colours(open_page, stranger):
    page = open_page("?__theme=light", context=stranger)
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate("document.body.classList.contains('dark')")
