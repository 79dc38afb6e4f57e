"""Every tab in every look passes axe-core's rules: names, contrast, roles, keyboard."""

import pytest

from tests.browser.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LANDMARKS = {
    "Explore": "#run-page .tiles",
    "Build": ".verdict .fine",
    "Orders": ".fx-orders dl",
    "Early exit": ".fx-exits .card",
    "Runs": ".fx-runs .region tbody tr",
}
LOOKS = {
    "light": ("light", 1440),
    "dark": ("dark", 1440),
    "telephone": ("light", 390),
    "projector": ("light", 1920),
}
VIOLATIONS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}"""


@pytest.mark.parametrize("look", LOOKS)
def test_no_tab_violates_a_rule_of_axe(open_page, app, look):
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm ci")
    theme, width = LOOKS[look]
    run = app.records["distill > prune > quantize"].id
    page = open_page(f"?run={run}&__theme={theme}", width=width)
    page.wait_for_selector("#run-page .tiles", state="attached")
    if look == "projector":
        page.evaluate("document.documentElement.classList.add('projector')")
    page.evaluate(AXE.read_text("utf-8"))
    for tab, landmark in LANDMARKS.items():
        page.get_by_role("tab", name=tab).or_(
            page.locator("#tabs .overflow-dropdown button", has_text=tab)
        ).first.evaluate("(tab) => tab.click()")
        page.wait_for_selector(landmark)
        assert page.evaluate(VIOLATIONS) == [], tab
