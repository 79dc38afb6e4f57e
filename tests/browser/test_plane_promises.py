"""What the plane and its neighbours promise, line by line, in a real browser."""

import dataclasses

import pytest

from effexplorer.analysis.training_sets import training_sets
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.request import Request
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.schema import ANSWERS
from effexplorer.records.store import open_store
from tests.browser.test_explore import wait_for_chart, wait_for_rows
from tests.builders import a_record

TRACES = "document.querySelector('.chart').data"
POINTS = f"{TRACES}.filter((one) => one.meta.role === 'points')"
FRONT = f"{TRACES}.find((one) => one.meta.role === 'front')"
APART = """() => {
  const boxes = [...document.querySelectorAll('.fx-plane .points text, .fx-plane .textpoint text')]
    .filter((one) => one.textContent).map((one) => one.getBoundingClientRect());
  const meet = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
    && one.top < other.bottom - 1 && other.top < one.bottom - 1;
  const pairs = boxes.flatMap((one, at) => boxes.slice(at + 1).map((other) => [one, other]));
  return [boxes.length, pairs.filter((pair) => meet(...pair)).length];
}"""


@pytest.fixture(scope="module")
def shipped():
    return open_store().runs()


def choose_cost(page, name):
    page.locator(".fx-plane .segments").get_by_text(name, exact=True).click()
    wait_for_chart(
        page, f"document.querySelector('.chart').layout?.xaxis.title.text.startsWith('{name}')"
    )


def test_the_plane_shows_the_largest_training_set_and_another_on_demand(open_page, shipped):
    large, small = training_sets([run for run in shipped if run.record.task == "sst2"])
    page = open_page("?explore=sst2&seeds=1")
    trained = page.get_by_label("Trained on")
    assert trained.input_value() == large.fingerprint
    wait_for_rows(page, large.runs)
    trained.select_option(small.fingerprint)
    wait_for_rows(page, small.runs)
    page.wait_for_function(
        "(id) => location.search.includes(`trained=${id}`)", arg=small.fingerprint
    )


def test_a_point_is_the_mean_of_its_seeds_with_whiskers_and_single_seeds_on_demand(
    explore, app, add_runs
):
    add_runs([a_record("prune", task="qqp", seed=seed, score=80.0 + seed) for seed in (1, 2)])
    explore.get_by_label("Log scale").check()
    wait_for_rows(explore, len(app.records) + 2)
    whiskers = f"{POINTS}.flatMap((one) => one.error_y.array).filter((high) => high > 0).length"
    wait_for_chart(explore, f"{whiskers} === 1")
    drawn = "[...document.querySelectorAll('.fx-plane .errorbar path.yerror')]"
    wait_for_chart(explore, f"{drawn}.filter((one) => one.getBBox().height > 0).length === 1")
    explore.get_by_label("Each seed").check()
    wait_for_chart(explore, f"{POINTS}.flatMap((one) => one.x).length === {len(app.records) + 2}")


def test_what_was_timed_elsewhere_is_not_on_the_front_of_latency(explore, app, add_runs):
    far = a_record("prune(sparsity=0.42)", task="qqp", latency_ms=0.001, score=99.0)
    machine = far.machine | {"processor": "of another machine"}
    add_runs([dataclasses.replace(far, machine=machine)])
    choose_cost(explore, "Latency")
    wait_for_rows(explore, len(app.records) + 1)
    wait_for_chart(explore, f"{POINTS}.some((one) => Math.min(...one.x) < 0.01)")
    assert explore.evaluate(f"Math.min(...{FRONT}.x)") > 0.01


def test_a_run_with_exits_stands_where_its_sentences_leave(open_page, shipped):
    run = next(one for one in shipped if one.record.task == "sentiment" and one.record.final.exits)
    last = run.record.final
    page = open_page("?explore=sentiment&axis=macs&seeds=1")
    place = f"{POINTS}.flatMap((one) => one.x).some((x) => Math.abs(x - {{}}) < 0.01 * {{}})"
    left = last.operating["macs"] / 1e9  # the axis counts billions
    wait_for_chart(page, place.format(left, left))
    assert left < 0.9 * last.macs / 1e9


def test_a_saving_is_told_as_times_smaller(explore):
    explore.get_by_role("button", name="D>P>Q", exact=True).click()
    tiles = explore.locator("#run-page .tiles")
    tiles.wait_for()
    text = tiles.inner_text()
    assert " x smaller" in text and "0.1" not in text.split(" x smaller")[0].split()[-1]


def test_the_axis_title_is_on_the_screen_of_a_laptop(open_page):
    page = open_page("?explore=sst2")
    title = page.locator(".fx-plane .xtitle")
    title.wait_for()
    box = title.bounding_box()
    assert box["y"] + box["height"] <= 900


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("task", ["sst2", "reviews"])
def test_labels_on_the_front_do_not_meet(open_page, task, projector):
    page = open_page(f"?explore={task}&log=1", width=1920 if projector else 1440)
    page.locator(".fx-plane .points path.point").first.wait_for()
    if projector:
        page.evaluate("document.documentElement.classList.add('projector')")
        wait_for_chart(page, f"{POINTS}.some((one) => one.textfont?.size === 17)")
    page.wait_for_function(f"() => ({APART})()[0] >= 3")
    page.wait_for_timeout(300)  # until nothing moves any more
    assert page.evaluate(APART)[1] == 0


def test_the_sentences_that_a_run_answers_otherwise_are_shown(open_page, shipped):
    kept = [run.record for run in shipped if run.record.task == "reviews" and _has_answers(run)]
    pins = [next(one.id for one in kept if one.letters == letters) for letters in ("D", "P>D")]
    page = open_page(f"?compare={','.join(pins)}")
    page.wait_for_selector(".changed .counts >> text=296 sentences")
    page.locator(".changed summary").click()
    rows = page.locator(".changed tbody tr")
    kinds = {"gained", "lost", "wrong otherwise"}
    assert rows.count() > 5 and set(rows.locator(".tag").all_inner_texts()) <= kinds
    assert all(len(text) > 3 for text in rows.locator("td:nth-child(2)").all_inner_texts())


def _has_answers(run):
    return (open_store().folders[run.source] / f"{run.record.id}{ANSWERS}").is_file()


@pytest.mark.parametrize(("tab", "panel"), [("Orders", ".fx-orders"), ("Early exit", ".fx-exits")])
def test_a_tab_that_is_cold_shows_where_its_cards_will_stand(explore, tab, panel):
    held, slow = [], True
    explore.route(
        "**/component_server/",
        lambda route: held.append(route) if slow else route.continue_(),
    )
    explore.get_by_role("tab", name=tab).click()
    explore.locator(f"{panel} > .skeleton .bone").first.wait_for()
    explore.wait_for_timeout(200)
    slow = False
    for route in held:
        route.continue_()
    explore.locator(f"{panel} .card h2").first.wait_for()
    assert explore.locator(f"{panel} > .skeleton").count() == 0


def test_a_run_that_failed_offers_a_retry_which_starts_it_again(open_page, app, local_tiny_model):
    plan = Pipeline("tiny", "reviews", parse_steps("prune"), seed=77, train_examples=16, epochs=0.5)
    folder = app.home / "jobs" / plan.key
    folder.mkdir(parents=True)
    Request(plan, "0" * 32, 0.0).write(folder)
    append_event(folder / EVENTS_FILE, {"kind": "failed", "text": "run: the lights went out."})
    page = open_page(f"?run={plan.key}")
    page.wait_for_selector("#job >> text=the lights went out")
    page.get_by_role("button", name="Retry").click()
    page.wait_for_selector("#run-page h2 >> text=P", timeout=240_000)


def test_build_opens_on_a_pipeline_of_minutes(open_page):
    page = open_page()
    page.get_by_role("tab", name="Build").click()
    page.wait_for_selector(".typed-steps >> text=distill > prune > quantize")
    assert page.locator("#fx-task").input_value() == "reviews"
