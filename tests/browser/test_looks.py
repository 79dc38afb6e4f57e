"""The page at several sizes, light and dark: nothing runs over an edge or another text."""

import pytest

SIZES = {"laptop": (1280, 800), "projector": (1920, 1080), "telephone": (390, 844)}
LANDMARKS = {"Explore": "#run-page .tiles", "Build": ".verdict .fine", "Orders": ".fx-orders dl"}
OVERLAPS = """() => {
  const named = 'button, label > span, h2, h3, td, dt, dd strong, .legend li';
  const shown = (one) => one.checkVisibility() && one.getBoundingClientRect().width
    && !one.closest('.offscreen, .runs-table');
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


STRAY = """() => [...document.querySelectorAll('.fx')].flatMap((panel) => {
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  const stray = [];
  while (walker.nextNode()) {
    const { parentNode: parent, data } = walker.currentNode;
    const among = [...parent.childNodes].some((one) => one.nodeType === 1);
    if (/^(0|NaN|false|null|undefined)$/.test(data) && (among || /^(DIV|UL|SECTION)$/.test(
        parent.tagName))) stray.push(parent.className + ': ' + data);
  }
  return stray;
})"""


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)])
def test_the_run_card_is_on_the_screen_and_covers_nothing(open_page, size):
    width, height = size
    page = open_page(width=width, height=height)
    page.get_by_role("tab", name="Build").click()
    page.wait_for_selector(".verdict .fine")
    assert page.locator(".run-button").bounding_box()["y"] < height
    assert page.evaluate(OVERLAPS) == []
    covered = """() => [...document.querySelectorAll('.palette button')].filter((one) => {
      one.scrollIntoView({ block: 'end' });
      const { x, y, width, height } = one.getBoundingClientRect();
      return !one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    }).length"""
    assert page.evaluate(covered) == 0


def test_what_a_condition_left_is_never_drawn(open_page):
    page = open_page("?compare=000000000000")
    page.wait_for_selector(".fx-runs .compare >> text=Not here")
    page.get_by_role("tab", name="Explore").click()
    page.get_by_label("Task", exact=True).select_option("qqp")
    page.get_by_label("slenderize", exact=True).click()
    page.wait_for_selector(".fx-plane .empty h3")
    assert page.evaluate(STRAY) == []


def test_a_word_is_explained_where_it_stands_and_papers_are_linked(open_page, app):
    page = open_page(f"?run={app.records['distill > prune > quantize'].id}")
    page.locator("#run-page .tile .term", has_text="MACs").click()
    meaning = page.locator("#run-page .definition:popover-open")
    assert "Multiply-accumulate" in meaning.inner_text()
    page.keyboard.press("Escape")
    assert meaning.count() == 0
    page.get_by_role("tab", name="Build").click()
    card = page.locator(".fx-builder .step", has_text="distill").first
    card.get_by_role("button", name="Settings").click()
    paper = card.get_by_role("link", name="arXiv 2208.09684")
    assert paper.get_attribute("href") == "https://arxiv.org/abs/2208.09684"
    about = card.get_by_role("link", name="About distill")
    reply = page.request.get(app.url + about.get_attribute("href"))
    assert reply.ok and reply.text().startswith("#")
    assert page.request.get(app.url + "docs/operators/nothing.md").status == 404


def test_costs_are_explained_beside_their_buttons_and_in_the_heads_of_tables(open_page):
    page = open_page("?explore=qqp")
    meaning = page.locator(".fx-plane .definition:popover-open")
    costs = {"macs": ("MACs", "Multiply-accumulate"), "latency": ("Latency", "median of many")}
    for cost, (title, part) in ({"bytes": ("Size", "weight file")} | costs).items():
        page.locator(f".fx-plane [data-name=cost-{cost}] + span").click()
        page.locator(".fx-plane .segments legend .term", has_text=title).click()
        assert part in meaning.inner_text()
        page.keyboard.press("Escape")
    page.locator(".fx-plane thead .term", has_text="MACs").click()
    assert "Multiply-accumulate" in meaning.inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Runs").click()
    page.locator(".fx-runs caption .term", has_text="Size").click()
    assert "weight file" in page.locator(".fx-runs .definition:popover-open").inner_text()


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_the_legend_has_two_rows_at_most_and_can_be_scrolled(open_page, width):
    page = open_page("?task=sst2", width=width)
    page.wait_for_selector(".fx-plane .points path.point", state="attached")
    tops = "[...document.querySelectorAll('.fx-plane .legend li')].map((one) => one.offsetTop)"
    assert len(set(page.evaluate(tops))) <= 2
    page.locator(".fx-plane .legend").press("End")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
