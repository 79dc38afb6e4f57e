"""The Early exit tab in a real browser: what it computes, what it asks, and how fast it redraws."""

import csv
import functools
import itertools
import json
import re

import numpy as np
import pytest

from effexplorer import home
from effexplorer.exits.calibration import expected_calibration_error
from effexplorer.exits.curve import (
    candidates,
    changed_by_leaving,
    curve,
    depth_by_tag,
    leaving_shares,
)
from effexplorer.exits.operating import cheapest_threshold
from effexplorer.exits.policies import READINESS, leave, policies
from effexplorer.tasks.scores import SCORES
from effexplorer.ui.exits.model_choice import packed
from effexplorer.ui.shared import panel
from tests.browser.test_looks import OVERLAPS, SIZES
from tests.exit_runs import made_table, save_exit_run

MATH = panel.UI / "exits" / "math.js"
REDRAW_MS = 35.0
OPENING_MS = 120_000  # torch and the engine are loaded with the first model
DRAG = """async (value) => {
  const slider = document.querySelector('.fx-exits input[type=range]');
  slider.value = String(value);
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}"""
SHAPES = {"accuracy": 3, "f1": 2, "matthews_correlation": 2, "pearson": 1, "spearmanr": 1}


@pytest.fixture(scope="module")
def blank(browser):
    """Return a page that holds the tab's arithmetic and nothing else."""
    page = browser.new_page()
    page.add_script_tag(path=MATH)
    yield page
    page.close()


@pytest.fixture(scope="module")
def shelved(app, tiny_model_folder):
    """Return the ids of the app's runs with exits, by task; they go when these tests have ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EFFEXPLORER_HOME", str(app.home))
        ids = {
            task: save_exit_run(tiny_model_folder, task=task, model=task != "qqp").id
            for task in ("reviews", "mnli", "mrpc", "stsb", "qqp")
        }
    yield ids
    for one in ids.values():
        for path in (app.home / "runs").glob(f"{one}.*"):
            path.unlink()


@pytest.fixture
def tab(open_page, shelved):
    """Return a function that opens the tab by a link; unless told otherwise the server computes."""

    def opened(task="reviews", query="", engine="server", **options):
        page = open_page(f"?exits={shelved[task]}&engine={engine}{query}", **options)
        page.wait_for_selector(".fx-exits .curve .line")
        page.set_default_timeout(OPENING_MS)
        return page

    return opened


@functools.cache
def table_of(metric):
    return made_table(200, 4, outputs=SHAPES[metric], seed=3)


def opened(metric):
    """Return the JavaScript that opens the made-up table, as ``table``."""
    table = table_of(metric)
    names = ["a", "b", "c"][: SHAPES[metric]] if SHAPES[metric] > 1 else []
    model = {"layers": table.layers.tolist(), "labels": names, "metric": metric}
    return f"const table = openTable({json.dumps(packed(table))}, {json.dumps(model)});"


def likely(table, calibrated):
    regression = table.logits.shape[-1] == 1
    return table.logits[..., 0] if regression else table.probabilities(calibrated=calibrated)


CASES = [
    (metric, policy, calibrated)
    for metric, outputs in SHAPES.items()
    for policy in policies(regression=outputs == 1)
    for calibrated in ((True, False) if outputs > 1 else (True,))
]


@pytest.mark.parametrize(("metric", "policy", "calibrated"), CASES)
def test_the_browser_computes_what_python_does(blank, metric, policy, calibrated):
    table = table_of(metric)
    ready = READINESS[policy](likely(table, calibrated))
    answers = table.logits[..., 0] if SHAPES[metric] == 1 else table.logits.argmax(-1)
    labels = table.labels.astype(np.float32).astype(float)

    def score(given):
        return 100 * SCORES[metric](given, labels)

    random = np.random.default_rng(0)
    thresholds = [*random.choice(candidates(ready), 12), *random.uniform(ready[:, 1].min(), 1, 12)]
    told = blank.evaluate(
        "([thresholds, policy, calibrated]) => {"
        + opened(metric)
        + """
        const ready = prepareTable(table, policy, calibrated);
        const plain = (one) => ({...one, left: [...one.left],
          threshold: one.threshold === Infinity ? null : one.threshold});
        return {
          readiness: [...ready.readiness].map((one) => Number.isFinite(one) ? one : null),
          points: thresholds.map((one) => plain(point(ready, one))),
          curve: ready.curve.map(plain), best: plain(cheapest(ready, 0.95)),
        };
      }""",
        [[float(one) for one in thresholds], policy, calibrated],
    )
    found = np.array([-np.inf if one is None else one for one in told["readiness"]])
    assert np.allclose(found, ready.reshape(-1), atol=1e-6)
    rows = np.arange(len(answers))
    for threshold, one in zip(thresholds, told["points"], strict=True):
        left = leave(found.reshape(ready.shape), threshold)
        assert one["left"] == left.tolist()
        assert one["score"] == pytest.approx(score(answers[rows, left]), abs=1e-6)
        assert one["macs"] == pytest.approx(table.macs[rows, left].mean())
        assert one["layers"] == pytest.approx(table.layers[left].mean())
    drawn = curve(found.reshape(ready.shape), answers, table.macs, table.layers, score)
    assert [one["score"] for one in told["curve"]] == pytest.approx(drawn.scores, abs=1e-6)
    assert [one["macs"] for one in told["curve"]] == pytest.approx(drawn.macs)
    best = cheapest_threshold(found.reshape(ready.shape), answers, table.macs, score, keep=0.95)
    assert told["best"]["threshold"] == (best if best is None else pytest.approx(best))


@pytest.mark.parametrize("classes", [1, 2, 3, 5])
def test_matthews_correlation_is_sklearn_s_for_any_number_of_classes(blank, classes):
    random = np.random.default_rng(classes)
    labels = random.integers(classes, size=300)
    answers = np.where(random.uniform(size=300) < 0.4, labels, random.integers(classes, size=300))
    for given in (answers, labels, np.zeros(300, dtype=int)):
        told = blank.evaluate(
            "([given, labels]) => SCORES.matthews_correlation(given, labels)",
            [given.tolist(), labels.tolist()],
        )
        assert told == pytest.approx(SCORES["matthews_correlation"](given, labels))


def test_shares_tags_reliability_and_changes_are_those_of_python(blank):
    table = table_of("accuracy")
    told = blank.evaluate(
        "() => {"
        + opened("accuracy")
        + """
        const ready = prepareTable(table, "confidence", true), {left} = point(ready, 0.8);
        return {
          shares: [...sharesOf(left, 4)], tags: depthByTag(table, left),
          gaps: [0, 1, 2, 3].map((exit) => reliability(ready, exit).gap),
          changes: changedByLeaving(ready, left),
        };
      }"""
    )
    probabilities, answers = table.probabilities(), table.logits.argmax(-1)
    left = leave(READINESS["confidence"](probabilities), 0.8)
    assert told["shares"] == pytest.approx(leaving_shares(left, 4))
    depths = depth_by_tag(left, table.layers, table.tags)
    assert {one["name"]: one["depth"] for one in told["tags"]} == pytest.approx(depths)
    gaps = [expected_calibration_error(probabilities[:, k], table.labels) for k in range(4)]
    assert told["gaps"] == pytest.approx(gaps)
    gained, lost = changed_by_leaving(answers, left, table.labels)
    assert told["changes"] == {"gained": gained, "lost": lost}


def test_a_typed_text_shows_a_row_for_each_exit_and_where_it_leaves(tab):
    page = tab()
    page.get_by_label("Sentence").fill("A warm and funny film.")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    assert page.locator(".fx-exits .way tbody tr").count() == 4
    assert page.locator(".fx-exits .way tbody tr[aria-current=step]").count() == 1
    assert "layer" in page.locator(".fx-exits .headline").inner_text()
    assert "ms" in page.locator(".fx-exits .spent").inner_text()


def test_dragging_asks_the_server_nothing_and_redraws_fast(tab):
    """The time is that of the page's own thread, because a busy machine says nothing of ours."""
    texts = "%0A".join(["a+good+film", "a+bad+film", "so+so"] * 4)
    page = tab("reviews", f"&text={texts}", fresh=True)
    page.wait_for_selector(".fx-exits .lines .line >> nth=11")
    session, requests = page.context.new_cdp_session(page), []
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy():
        told = session.send("Performance.getMetrics")["metrics"]
        return next(1000 * one["value"] for one in told if one["name"] == "TaskDuration")

    page.on("request", lambda one: requests.append(one.url))
    times = []
    for at in range(60):
        before = busy()
        page.evaluate(DRAG, round(500 + 480 * np.sin(at / 4)))
        times.append(busy() - before)
    assert requests == []
    assert np.quantile(times, 0.95) < REDRAW_MS


def test_the_slider_moves_point_rows_and_words_by_keyboard(tab):
    page = tab("reviews", "&text=hello&threshold=0.6")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    at = page.locator(".fx-exits .curve .here")
    before = at.get_attribute("cx")
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_selector(".fx-exits .meaning >> text=Never leave early")
    assert slider.get_attribute("aria-valuetext").startswith("Never leave early")
    assert float(at.get_attribute("cx")) > float(before)
    assert page.locator(".fx-exits .way tbody tr").last.get_attribute("class") == "leaves"
    page.keyboard.press("Home")
    page.wait_for_selector(".fx-exits .meaning >> text=Leave at the first exit")
    assert page.locator(".fx-exits .way tbody tr").first.get_attribute("class") == "leaves"


@pytest.mark.parametrize("policy", ["Confidence", "Entropy", "Patience"])
def test_every_key_moves_the_slider_from_end_to_end(tab, policy):
    page = tab("reviews")
    page.get_by_text(policy, exact=True).click()
    slider = page.get_by_role("slider", name="Threshold")
    slider.press("End")
    last = int(slider.input_value())
    places = [last]
    for _ in range(4 if policy == "Patience" else 12):
        slider.press("ArrowLeft")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        places.append(int(slider.input_value()))
    assert all(
        one - other == (1 if policy == "Patience" else 5)
        for one, other in itertools.pairwise(places)
        if one
    )
    assert places[-1] < last


@pytest.mark.parametrize(("typed", "told"), [("30", "got 30"), ("", "got none")])
def test_a_share_to_keep_that_is_none_is_told_and_the_last_one_counts(tab, typed, told):
    page = tab("reviews")
    keep = page.get_by_label("Share of the full-depth score")
    keep.fill("97.25")
    keep.fill(typed)
    keep.blur()
    said = page.locator(".fx-exits .found")
    assert "must be a number from 50 to 100" in said.inner_text() and told in said.inner_text()
    assert page.locator(".fx-exits .curve .line").get_attribute("d").count("NaN") == 0
    keep.fill("97.25")
    keep.blur()
    assert said.inner_text() == ""
    page.get_by_role("button", name="Find cheapest").click()
    page.wait_for_selector(".fx-exits .found >> text=97.25 %")


def test_a_model_that_was_made_meanwhile_can_be_chosen(tab, app, tiny_model_folder, monkeypatch):
    page = tab("reviews")
    models = page.get_by_label("Model", exact=True).and_(page.locator(".fx-exits select"))
    before = models.locator("option").count()
    monkeypatch.setenv("EFFEXPLORER_HOME", str(app.home))
    made = save_exit_run(tiny_model_folder, task="sst2").id
    page.evaluate("() => document.dispatchEvent(new CustomEvent('effexplorer-finished'))")
    page.wait_for_function(
        "count => document.querySelectorAll('.fx-exits select option').length > count", arg=before
    )
    for path in (app.home / "runs").glob(f"{made}.*"):
        path.unlink()


def test_the_link_restores_text_policy_threshold_and_calibration(tab, open_page):
    page = tab()
    page.get_by_label("Sentence").fill("One & two <b>\nthree?")
    page.get_by_text("Entropy", exact=True).click()
    page.get_by_role("switch", name="Calibrated").uncheck()
    page.get_by_role("slider", name="Threshold").fill("400")
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.locator(".fx-exits").get_by_role("button", name="Copy link").click()
    page.wait_for_function("window.copied")
    meant = page.locator(".fx-exits .meaning").inner_text()
    again = open_page(page.evaluate("window.copied").partition("/?")[2].join(["?", ""]))
    again.wait_for_selector(".fx-exits .lines .line", timeout=OPENING_MS)
    assert again.get_by_label("Sentence").input_value() == "One & two <b>\nthree?"
    assert again.locator(".fx-exits .meaning").inner_text() == meant
    assert again.locator("input[name=fx-policy]:checked").input_value() == "entropy"
    assert not again.get_by_role("switch", name="Calibrated").is_checked()
    assert again.locator(".fx-exits .lines .line").count() == 2


def test_find_cheapest_keeps_the_wanted_share(tab):
    page = tab()
    page.get_by_role("button", name="Find cheapest").click()
    page.wait_for_selector(".fx-exits .found >> text=Cheapest that keeps 99 %")
    table = made_table()
    full = (table.logits[:, -1].argmax(-1) == table.labels).mean() * 100
    page.wait_for_function(  # the tiles follow with the next frame
        """wanted => {
          const tiles = [...document.querySelectorAll(".fx-exits .tile strong")];
          const [score, compute] = tiles.map((tile) => parseFloat(tile.textContent));
          return score >= wanted && compute < 100;
        }""",
        arg=0.99 * full - 0.05,
    )


def test_an_example_is_asked_with_a_click(tab):
    page = tab()
    page.get_by_role("group", name="Hard examples").get_by_role("button").first.click()
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    assert page.get_by_label("Sentence").input_value()


def test_pairs_have_two_boxes_that_must_match(tab):
    page = tab("mnli")
    page.get_by_label("Premise").fill("one\ntwo")
    page.get_by_label("Hypothesis").fill("one")
    page.wait_for_selector(".fx-exits .told >> text=got 2 and 1")
    page.get_by_label("Hypothesis").fill("one\ntwo")
    page.wait_for_selector(".fx-exits .lines .line >> nth=1")


def test_a_pair_goes_through_a_model_of_two_classes(tab):
    page = tab("mrpc", "&text=one+man%0Aa+dog&other=a+man%0Aa+cat", width=390)
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    assert page.locator(".fx-exits .tile dt").first.inner_text() == "F1"
    assert page.locator(".fx-exits .count").inner_text() == "240 validation pairs"
    says = set(page.locator(".fx-exits .way td.says").all_inner_texts())
    assert says <= {"equivalent", "not equivalent"}
    first = page.locator(".fx-exits .lines .text").first
    assert first.text_content() == "one man / a man"
    assert page.evaluate(
        "[...document.querySelectorAll('.fx-exits .scroll')].every((one) => "
        "one.scrollWidth <= one.clientWidth)"
    )


def test_three_classes_have_their_probabilities_in_numbers(tab):
    page = tab("mnli", "&text=one+man&other=a+man")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    for shares in page.locator(".fx-exits .shares").all():
        numbers = [int(text.split()[0]) for text in shares.locator(".side").all_inner_texts()]
        assert len(numbers) == 3 and 98 <= sum(numbers) <= 102
    spoken = page.locator(".fx-exits .way td.wide .offscreen").first.text_content()
    assert [one.split()[0] for one in spoken.split(", ")] == [
        "entailment",
        "neutral",
        "contradiction",
    ]


def test_regression_leaves_by_agreement_and_has_numbers_for_classes(tab):
    page = tab("stsb", "&text=one+man&other=a+man&threshold=-0.4")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    assert page.locator("input[name=fx-policy]").count() == 1
    assert "differs from the one before" in page.locator(".fx-exits .meaning").inner_text()
    assert page.locator(".fx-exits .tile dt").first.inner_text() == "Spearman correlation"
    assert page.locator(".fx-exits .sides span").all_inner_texts() == ["0", "5"]
    answers = [float(text) for text in page.locator(".fx-exits .way td.says").all_inner_texts()]
    close = [abs(a - b) <= 0.4 for a, b in itertools.pairwise(answers)]
    leaves = close.index(True) + 1 if any(close) else len(answers) - 1
    rows = page.locator(".fx-exits .way tbody tr")
    assert rows.nth(leaves).get_attribute("class") == "leaves"
    assert not page.get_by_role("switch", name="Calibrated").is_visible()
    assert page.locator(".fx-exits .honesty").is_hidden()
    page.get_by_role("slider", name="Threshold").press("End")
    page.wait_for_selector(".fx-exits .outcome >> text=no exit before the last came close enough")


def test_a_shipped_run_s_id_opens_the_shipped_model(open_page):
    config = home.precomputed_folder() / "models" / "sst2" / "config.json"
    run = json.loads(config.read_text("utf-8"))["run"]
    page = open_page(f"?run={run}")
    page.get_by_role("button", name="Try its exits").click()
    page.wait_for_selector(".fx-exits .curve .line")
    assert page.get_by_label("Model", exact=True).last.input_value() == "sst2"
    assert page.get_by_label("Sentence").is_enabled()


def test_a_run_without_its_model_says_so_and_shows_its_figures(open_page, shelved):
    page = open_page(f"?run={shelved['qqp']}")
    page.wait_for_selector("#run-page >> text=Its model is not kept any more")
    page.get_by_role("button", name="See its exits").click()
    page.wait_for_selector(".fx-exits .curve .line")
    assert page.get_by_role("textbox", name="First question").is_disabled()
    page.wait_for_selector(".fx-exits .outcome >> text=This run's model is not kept any more")
    page.locator(".fx-exits").get_by_role("button", name="Open in builder").click()
    page.wait_for_selector(".fx-builder .step")


def test_a_link_that_cannot_carry_the_text_says_so(tab):
    page = tab()
    page.get_by_label("Sentence").fill("good film " * 500)
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.locator(".fx-exits").get_by_role("button", name="Copy link").click()
    page.wait_for_selector(".fx-exits .found >> text=fit into a link; got 5,000.")
    assert "text=" not in page.evaluate("window.copied")
    assert "exits=" in page.evaluate("window.copied")


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "${alert(1)} {{7*7}}", "\u202eabc \u0301\u0301", "a\0b", "😀"],
    ids=["markup", "template", "direction", "nul", "emoji"],
)
def test_what_people_type_is_shown_as_they_typed_it(tab, text):
    page = tab(fresh=True)
    page.on("dialog", lambda one: pytest.fail("the text was run"))
    page.get_by_label("Sentence").fill(f"{text}\nplain words")
    page.wait_for_selector(".fx-exits .lines .line >> nth=1")
    assert page.locator(".fx-exits .lines .text").first.text_content() == text
    assert page.locator(".fx-exits img").count() == 0


def test_more_than_fifty_lines_are_refused_in_a_sentence(tab):
    page = tab()
    page.get_by_label("Sentence").fill("\n".join(["word"] * 51))
    page.wait_for_selector(".fx-exits .told >> text=At most 50 lines are asked at once; got 51.")


def test_a_text_longer_than_the_model_reads_is_told(tab):
    page = tab()
    page.get_by_label("Sentence").fill("good film " * 200)
    page.wait_for_selector(".fx-exits .outcome >> text=Longer than the model reads")
    page.get_by_label("Sentence").fill("good 🙂")
    page.wait_for_selector(".fx-exits .outcome >> text=read as unknown: 1 word.")


def test_another_tab_can_ask_for_a_model(open_page, shelved):
    page = open_page()
    id = shelved["stsb"]
    page.evaluate(
        """id => { history.replaceState(null, '', `?exits=${id}`);
        document.dispatchEvent(new CustomEvent('effexplorer-exits')); }""",
        id,
    )
    page.get_by_role("tab", name="Early exit").click()
    page.wait_for_selector(".fx-exits .curve .line")
    assert page.get_by_label("Model", exact=True).last.input_value() == id


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_or_runs_over_the_edge(tab, size, theme):
    width, height = SIZES[size]
    query = f"&text=a+good+film%0Aa+bad+one&__theme={theme}"
    page = tab("reviews", query, width=width, height=height)
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(OVERLAPS) == []


def test_without_a_model_the_tab_says_what_to_do(tab):
    page = tab()
    page.route("**/component_server/", no_models)
    page.reload()
    page.get_by_role("button", name="Put exit > quantize into Build").click()
    page.wait_for_selector(".fx-builder .step")
    names = page.locator(".fx-builder .step .what strong").all_inner_texts()
    assert names == ["exit", "quantize"]


def no_models(route):
    """Answer the tab's first call as an app without a model would."""
    if '"models"' in (route.request.post_data or ""):
        route.fulfill(json={"models": [], "most_lines": 50})
    else:
        route.continue_()


def wait_for_browser_engine(page):
    """Wait until this browser holds the model."""
    page.wait_for_selector(".fx-exits .engine output >> text=Texts stay in this browser")


def computed(page):
    """Return how many exits of the text were computed."""
    rows = page.locator(".fx-exits .way tbody tr")
    return rows.count() - page.locator(".fx-exits .way tbody tr.absent").count()


def test_the_browser_computes_no_layer_behind_the_exit(tab):
    page = tab(engine="browser")
    wait_for_browser_engine(page)
    page.evaluate(DRAG, 0)
    page.locator(".fx-exits textarea").fill("a good film")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    assert computed(page) == 1
    assert "Layers 2 to 4 were not computed." in page.locator(".fx-exits .outcome").inner_text()
    page.evaluate(DRAG, 1000)
    page.wait_for_selector(".fx-exits .way tbody tr.leaves:last-child")
    assert computed(page) == 4


def test_the_later_layers_are_computed_on_demand(tab):
    page = tab(engine="browser")
    wait_for_browser_engine(page)
    page.evaluate(DRAG, 0)
    page.locator(".fx-exits textarea").fill("a good film")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    page.locator(".fx-exits .after .switch").click()
    page.wait_for_function("!document.querySelector('.fx-exits .way tr.absent')")
    assert computed(page) == 4


def test_the_browser_and_the_server_say_the_same(tab):
    page = tab(engine="browser")
    wait_for_browser_engine(page)
    page.evaluate(DRAG, 1000)
    said = []
    for engine in ("This browser", "The server"):
        page.locator(".fx-exits .engine label", has_text=engine).click()
        page.locator(".fx-exits textarea").fill(f"a good film, as {engine} would have it")
        page.locator(".fx-exits textarea").fill("a good film")
        page.wait_for_selector(".fx-exits .way tbody tr.leaves:last-child")
        page.wait_for_selector(f".fx-exits .after small >> text={engine.split()[1]}")
        said.append(page.locator(".fx-exits .way tbody .says").all_inner_texts())
    assert said[0] == said[1]


def test_a_word_that_is_changed_moves_the_exits(tab):
    page = tab(engine="browser")
    wait_for_browser_engine(page)
    page.locator(".fx-exits textarea").fill("not bad at all")
    page.wait_for_selector(".fx-exits .way tbody tr.leaves")
    page.locator(".fx-exits .reasons summary").click()
    page.wait_for_selector(".fx-exits .word")
    words = page.locator(".fx-exits .word")
    assert words.all_inner_texts() == ["not", "bad", "at", "all"]
    assert all("points" in word.get_attribute("title") for word in words.all())
    words.nth(1).click()
    page.locator(".fx-exits .swap input").fill("good")
    page.wait_for_selector(".fx-exits .word >> text=good")
    assert page.locator(".fx-exits textarea").input_value() == "not good at all"


LIST = "text\tlabel\nA good phone.\tpositive\nA bad phone, really.\tnegative\nNot bad.\tpositive"


@pytest.mark.parametrize("engine", ["server", "browser"])
def test_a_list_with_labels_has_a_score_here_and_at_full_depth(tab, engine):
    page = tab(engine=engine)
    page.get_by_label("Sentence").fill(LIST)
    summary = page.locator(".fx-exits .labelled .summary")
    assert re.fullmatch(
        r"With labels: \d of 3 right \(\d+ %\) at this threshold, after \d.\d of 4 layers on "
        r"average; at full depth \d of 3 right \(\d+ %\)\.",
        summary.inner_text(),
    )
    assert page.locator(".fx-exits ul.lines li").count() == 3
    page.evaluate(DRAG, 0)
    page.wait_for_selector(".fx-exits .labelled >> text=after 1.0 of 4 layers")
    page.evaluate(DRAG, 1000)
    page.wait_for_selector(".fx-exits .labelled >> text=after 4.0 of 4 layers")
    at, deep = re.findall(r"(\d) of 3 right", summary.inner_text())
    assert at == deep
    with page.expect_download() as saved:
        page.get_by_label("List with labels").get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8").splitlines()))
    assert [row["text"] for row in rows] == ["A good phone.", "A bad phone, really.", "Not bad."]
    assert [row["label"] for row in rows] == ["positive", "negative", "positive"]


def test_a_file_can_be_dropped_and_a_line_without_a_label_is_told(tab):
    page = tab()
    page.get_by_label("Sentence").evaluate(
        """(box, text) => {
            const files = new DataTransfer();
            files.items.add(new File([text], "list.tsv"));
            box.dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
        }""",
        LIST + "\nNo label here",
    )
    told = page.locator(".fx-exits .told .problem")
    assert told.inner_text() == (
        "Line 5 must begin or end with a label: negative, positive, or 0 to 1."
    )


@pytest.mark.parametrize("engine", ["server", "browser"])
def test_two_models_answer_the_same_text_side_by_side(tab, engine):
    page = tab(engine=engine)
    page.get_by_label("Beside it").select_option("sst2")
    page.get_by_label("Sentence").fill("A charming film.\nA dull one.")
    table = page.get_by_label("Two models side by side").locator("table")
    table.locator("tbody tr").first.wait_for()
    cells = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    heads = table.locator("tbody th").all_inner_texts()
    facts = dict(zip(heads, cells, strict=True))
    assert heads == ["Answer", "Sure", "Leaves", "MACs", "Time", "At full depth"]
    assert facts["Answer"][1] == "positive"
    assert facts["Leaves"][1].endswith("of 6") and facts["Leaves"][0].endswith("of 4")
    assert page.locator(".fx-exits .beside >> text=/same answer to [012] of 2 texts/").count()
    page.evaluate(DRAG, 1000)
    page.wait_for_function(
        "() => /after layer 4 of 4.*after layer 6 of 6/s.test("
        "document.querySelector('.fx-exits .beside table').innerText)"
    )
    page.get_by_label("Beside it").select_option("")
    assert table.count() == 0


def test_a_link_opens_two_models_beside_each_other(open_page):
    page = open_page("?exits=sst2&beside=sentiment&engine=server&text=Not%20bad%20at%20all.")
    page.set_default_timeout(OPENING_MS)
    table = page.get_by_label("Two models side by side").locator("table")
    assert "sentiment" in table.locator("thead").inner_text()
    assert page.get_by_label("Beside it").input_value() == "sentiment"
    names = page.get_by_label("Beside it").locator("option").all_inner_texts()
    assert not [name for name in names if "mrpc" in name]  # it reads pairs
