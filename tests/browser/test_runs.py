"""The Runs tab in a real browser: search, sort, pins side by side, files, deletion."""

import csv
import json

import pytest

from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.request import Request
from effexplorer.pipeline import Pipeline
from effexplorer.records.store import open_store
from tests.browser.conftest import RUNS
from tests.browser.test_looks import OVERLAPS, SIZES
from tests.builders import a_record

ROWS = ".fx-runs .region tbody tr"
MANY = 120


@pytest.fixture
def tab(open_page):
    """Return a function that opens the tab on the made-up runs of the task qqp."""

    def opened(query="", *, task="QQP", **options):
        page = open_page(query, **options)
        page.get_by_role("tab", name="Runs").click()
        page.wait_for_selector(ROWS)
        if task:
            page.get_by_label("Task of the runs").select_option(task)
        return page

    return opened


def letters(page):
    return page.locator(f"{ROWS} .row-open").all_inner_texts()


def wait_for_letters(page, *expected):
    page.wait_for_function(
        f"wanted => [...document.querySelectorAll('{ROWS} .row-open')].map((one) => one.innerText)"
        ".join() === wanted",
        arg=",".join(expected),
    )


def pin(page, *names):
    for name in names:
        page.get_by_role("checkbox", name=f"Pin {name} on QQP, seed 0", exact=True).check()


def test_every_run_of_the_task_is_a_row(tab, app):
    assert sorted(letters(tab())) == sorted(record.letters for record in app.records.values())


def test_all_words_of_the_search_must_match(tab):
    page = tab()
    box = page.get_by_label("Search the runs")
    box.fill("quantize distill")
    assert sorted(letters(page)) == ["D>P>Q", "D>Q"]
    box.fill("quantize distill prune seed 0")
    assert letters(page) == ["D>P>Q"]
    box.fill("no such run")
    assert letters(page) == []
    assert 'No run of QQP matches "no such run".' in page.locator(".no-match").inner_text()


def test_a_column_is_searched_by_its_name_and_a_title_without_its_hyphen(tab, add_runs):
    add_runs(a_record("prune", task="sst2", seed=seed, score=80.0) for seed in (1, 12))
    page = tab(task="")
    box = page.get_by_label("Search the runs")
    box.fill("sst2 seed 1 from here")
    assert page.locator(f"{ROWS} td:nth-child(11)").all_inner_texts() == ["1"]
    box.fill("sst2 from here")
    assert page.locator(ROWS).count() == 2


def test_a_heading_sorts_by_keyboard_and_tells_it(tab):
    page = tab()
    heading = page.locator(".fx-runs th[data-name=bytes]")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert letters(page)[:2] == ["D>P>Q", "D>Q"]
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert letters(page)[-1] == "D>P>Q"
    assert page.locator(".fx-runs th[aria-sort=none]").count() == 12


def test_a_row_opens_its_run_on_explore(tab, app):
    page = tab()
    page.get_by_role("button", name="Open D>Q on QQP, seed 0", exact=True).click()
    page.wait_for_selector("#run-page h2 >> text=D>Q")
    assert app.records["distill > quantize"].id in page.url


def test_pinned_runs_stand_side_by_side_and_in_the_address(tab, app, open_page):
    page = tab()
    pin(page, "D>Q", "P")
    page.get_by_role("button", name="Compare side by side").click()
    page.wait_for_selector(".fx-runs .beside")
    ids = [app.records[steps].id for steps in ("distill > quantize", "prune")]
    assert f"compare={','.join(ids)}" in page.url
    again = open_page(f"?compare={','.join(ids)}")
    again.wait_for_selector(".fx-runs .beside")
    assert again.get_by_role("tab", name="Runs").get_attribute("aria-selected") == "true"
    assert again.locator(".beside thead .row-open").all_inner_texts() == ["D>Q", "P"]
    cells = again.locator(".beside tbody tr").nth(1).locator("td strong").all_inner_texts()
    assert cells == ["12.5 MB", "56.4 MB"]
    assert again.locator(".fx-runs .stages").count() == 2
    assert again.locator(".fx-runs .lines").first.locator(".line").count() == 2
    assert again.locator(".fx-runs .lines").nth(1).is_hidden()


def test_no_more_than_four_runs_can_be_pinned(tab):
    page = tab()
    pin(page, "D>Q", "P", "D", "Q")
    assert page.get_by_role("checkbox", name="Pin dense on QQP, seed 0").is_disabled()
    page.get_by_role("button", name="Unpin P", exact=True).click()
    assert page.get_by_role("checkbox", name="Pin dense on QQP, seed 0").is_enabled()


def test_closing_the_comparison_takes_it_out_of_the_address(tab):
    page = tab()
    pin(page, "D>Q", "P")
    page.get_by_role("button", name="Compare side by side").click()
    page.wait_for_selector(".fx-runs .beside")
    page.get_by_role("button", name="Close the comparison").click()
    assert page.locator(".fx-runs .compare").is_hidden()
    assert "compare=" not in page.url


def test_an_address_of_runs_that_are_not_here_says_so(open_page, app):
    page = open_page(f"?compare=000000000000,{app.records['prune'].id},x")
    page.wait_for_selector(".fx-runs .compare >> text=Not here: 000000000000.")
    assert page.locator(".beside thead .row-open").all_inner_texts() == ["P"]


def test_seeds_fold_into_their_mean_and_out_again(tab, app, add_runs):
    add_runs(a_record("prune", task="qqp", seed=seed, score=80.0) for seed in (1, 2))
    page = tab()
    page.get_by_role("switch", name="Mean over seeds").check()
    row = page.get_by_role("button", name="Show the runs of P on QQP, 3 seeds")
    row.wait_for()
    row.click()
    wait_for_letters(page, "P", "P", "P")
    page.get_by_role("button", name="Show all").click()
    assert len(letters(page)) == len(app.records) + 2


@pytest.mark.parametrize("kind", ["CSV", "JSON"])
def test_everything_can_be_downloaded(tab, app, kind, monkeypatch):
    monkeypatch.setenv("EFFEXPLORER_HOME", str(app.home))
    page = tab()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Download {kind} of all runs").click()
    file = waiting.value
    assert file.suggested_filename == f"effexplorer-runs.{kind.lower()}"
    text = file.path().read_text("utf-8")
    runs = {run.record.id: len(run.record.stages) for run in open_store().runs()}
    if kind == "CSV":
        rows = list(csv.DictReader(text.splitlines()))
        assert len(rows) == sum(runs.values()) and {row["id"] for row in rows} == set(runs)
    else:
        assert {record["id"]: len(record["stages"]) for record in json.loads(text)} == runs


def asked_by(page, app, record):
    """Let the browser of ``page`` be the one that asked for ``record``."""
    owner = page.evaluate("localStorage.getItem('effexplorer-owner')")
    folder = app.home / "jobs" / record.id
    folder.mkdir(parents=True)
    Request(Pipeline.from_dict(record.pipeline), owner, 1e10).write(folder)
    append_event(folder / EVENTS_FILE, {"kind": "done"})


def test_ones_own_run_can_be_deleted_after_a_question(tab, app, add_runs):
    record = a_record("slenderize", task="qqp", seed=5)
    asked_by(tab(), app, record)
    add_runs([record])
    path = app.home / "runs" / f"{record.id}.json"
    delete = tab().get_by_role("button", name="Delete S on QQP, seed 5")
    page = delete.page
    delete.click()
    page.get_by_role("button", name="Keep it").click()
    assert path.exists()
    delete.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    delete.wait_for(state="detached")
    assert not path.exists()


def test_a_run_of_the_command_line_stays_and_its_command_is_told(tab, app):
    page = tab()
    page.get_by_role("button", name="Delete P on QQP, seed 0", exact=True).click()
    dialog = page.get_by_role("dialog")
    assert f"effexplorer delete {app.records['prune'].id}" in dialog.inner_text()
    assert dialog.get_by_role("button", name="Delete").count() == 0
    page.keyboard.press("Escape")
    assert dialog.is_hidden()


def test_hundreds_of_runs_are_drawn_a_piece_at_a_time(tab, add_runs):
    add_runs(a_record("prune", task="qqp", seed=seed) for seed in range(1, MANY + 1))
    page = tab()
    assert page.locator(ROWS).count() < MANY
    page.wait_for_function(
        """([rows, many]) => {
            document.querySelector(".fx-runs .region").scrollTop = 1e6;
            return document.querySelectorAll(rows).length === many;
        }""",
        arg=[ROWS, MANY + len(RUNS)],
    )


LATE_NOTICES = """
    window.IntersectionObserver = class extends IntersectionObserver {
        constructor(act, options) {
            let changes = [];
            super((now) => {
                if (!changes.length) setTimeout(() => act(changes.splice(0)), 300);
                changes.push(...now);
            }, options);
        }
    };
"""


def test_a_busy_browser_that_tells_changes_late_and_together_draws_all_rows(
    tab, add_runs, stranger
):
    stranger.add_init_script(LATE_NOTICES)
    add_runs(a_record("prune", task="qqp", seed=seed) for seed in range(1, MANY + 1))
    page = tab(context=stranger)
    page.wait_for_function(
        """([rows, many]) => {
            document.querySelector(".fx-runs .region").scrollTop = 1e6;
            return document.querySelectorAll(rows).length === many;
        }""",
        arg=[ROWS, MANY + len(RUNS)],
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_or_runs_over_the_edge(open_page, app, size, theme):
    width, height = SIZES[size]
    ids = ",".join(record.id for record in list(app.records.values())[-3:])
    page = open_page(f"?compare={ids}&__theme={theme}", width=width, height=height)
    page.wait_for_selector(".fx-runs .lines text")
    page.wait_for_selector(ROWS)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    looked = OVERLAPS.replace(".runs-table", ".runs-table, .region, .beside thead, .beside th")
    assert page.evaluate(looked) == []
    page.get_by_role("tab", name="Explore").click()
    page.wait_for_selector(".fx-plane .points path.point")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
