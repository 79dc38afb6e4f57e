"""The Explore tab in a real browser: points, filters, and the run that a click opens."""

from tests.builders import a_record


def wait_for_rows(page, count):
    page.wait_for_function(
        "count => document.querySelectorAll('.runs-table tbody tr').length === count", arg=count
    )


def wait_for_chart(page, truth):
    page.wait_for_function(f"() => {truth}")


def test_every_run_of_the_task_is_a_point_and_a_row(explore, app):
    wait_for_rows(explore, len(app.records))
    assert explore.locator(".fx-plane .points path.point").count() == len(app.records)


def test_a_click_on_a_point_opens_its_run(explore):
    explore.locator(".fx-plane .points path.point").first.click(force=True)
    explore.wait_for_selector("#run-page h2")
    letters = explore.locator("#run-page h2").inner_text()
    assert explore.locator(".runs-table tr.selected .row-open").inner_text() == letters


def test_the_opened_run_draws_its_path_through_every_stage(explore):
    explore.get_by_role("button", name="D>P>Q", exact=True).click()
    explore.wait_for_selector("#run-page .tiles")
    path = "document.querySelector('.chart').data.find((one) => one.meta.role === 'path')"
    wait_for_chart(explore, f"{path}?.x.length === 4")


def test_a_row_opens_its_run_by_keyboard(explore):
    explore.get_by_role("button", name="dense").focus()
    explore.keyboard.press("Enter")
    explore.wait_for_selector("#run-page h2 >> text=dense")


def test_a_run_that_was_closed_can_be_opened_again(explore):
    for _ in range(2):
        explore.get_by_role("button", name="D>Q", exact=True).click()
        explore.wait_for_selector("#run-page h2 >> text=D>Q")
        explore.wait_for_function("() => location.search.includes('run=')")
        explore.get_by_role("button", name="Close the run").click()
        explore.wait_for_selector("#run-page h3 >> text=Open a run")


def test_filters_can_be_set_while_a_run_is_open(explore):
    explore.get_by_role("button", name="D>Q", exact=True).click()
    explore.wait_for_selector("#run-page h2 >> text=D>Q")
    task = explore.get_by_label("Task", exact=True)
    task.select_option("reviews")
    explore.wait_for_selector(".runs-table caption:not(:has-text('6 runs'))")
    assert task.input_value() == "reviews"
    task.select_option("qqp")
    wait_for_rows(explore, 6)


def test_a_filter_counts_that_is_set_before_a_slow_server_has_shown_the_opened_run(explore):
    held = []

    def hold_the_first(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    explore.route("**/component_server/", hold_the_first)
    explore.get_by_role("button", name="D>Q", exact=True).click()
    explore.wait_for_selector("#run-page h2 >> text=D>Q")
    task = explore.get_by_label("Task", exact=True)
    task.select_option("reviews")
    explore.wait_for_selector(".runs-table caption:not(:has-text('6 runs'))")
    held[0].continue_()
    assert task.input_value() == "reviews"


def test_a_row_that_is_opened_by_keyboard_keeps_the_focus(explore):
    explore.get_by_role("button", name="P", exact=True).and_(explore.locator(".row-open")).focus()
    explore.keyboard.press("Enter")
    explore.wait_for_selector(".runs-table tr.selected .row-open:focus")


def test_the_address_names_the_opened_run(explore, app):
    explore.get_by_role("button", name="D>Q", exact=True).click()
    id = app.records["distill > quantize"].id
    explore.wait_for_function("id => location.search.includes(`run=${id}`)", arg=id)


def test_the_address_of_a_run_opens_it(open_page, app):
    page = open_page(f"?run={app.records['prune'].id}")
    page.wait_for_selector("#run-page h2 >> text=P")
    assert page.locator(".runs-table tr.selected").count() == 1


def test_the_address_of_an_unknown_run_says_so(open_page):
    page = open_page("?run=000000000000")
    page.wait_for_selector("#run-page >> text=There is no run 000000000000 here")


def test_a_chosen_letter_filters_the_plane(explore):
    explore.get_by_role("button", name="prune", exact=True).click()
    wait_for_rows(explore, 2)
    explore.get_by_label("How the chosen operators count").select_option("only")
    explore.wait_for_selector(".runs-table caption >> text=2 runs")
    explore.get_by_role("button", name="dense").wait_for()


def test_the_cost_axis_can_be_changed(explore):
    explore.get_by_text("Latency", exact=True).first.click()
    wait_for_chart(
        explore,
        "document.querySelector('.chart').layout.xaxis.title.text.startsWith('Latency')",
    )


def test_a_bad_file_is_named(explore, app):
    bad = app.home / "runs" / "spoilt.json"
    bad.write_text("{")
    explore.get_by_label("Log scale").check()
    explore.wait_for_selector(".notice >> text=spoilt.json")
    bad.unlink()


def test_open_in_builder_takes_the_pipeline_over(explore):
    explore.get_by_role("button", name="D>P>Q", exact=True).click()
    explore.get_by_role("button", name="Open in builder").click()
    explore.wait_for_selector(".fx-builder .step")
    assert explore.locator(".fx-builder .step .what strong").all_inner_texts() == [
        "distill",
        "prune",
        "quantize",
    ]
    explore.get_by_role("button", name="Load").wait_for()


def ask(page, question, bound):
    page.get_by_label("Question", exact=True).select_option(question)
    box = page.locator(".fx-plane .question input")
    page.wait_for_function(
        "best => document.querySelector('.fx-plane .question').dataset.unit"
        " === (best ? 'MB' : '%')",
        arg=question == "best",
    )
    box.fill(str(bound))


def wait_for_reply(page, text):
    page.wait_for_function(
        "text => document.querySelector('.fx-plane .reply').textContent.includes(text)", arg=text
    )


def test_the_budget_question_is_answered_and_its_run_opened(explore):
    ask(explore, "best", 13)
    wait_for_reply(explore, "D>Q on minilm: 88.3 %")
    explore.get_by_role("button", name="Open D>Q, the answer").click()
    explore.wait_for_selector("#run-page h2 >> text=D>Q")


def test_the_cheapest_is_counted_as_chosen(explore):
    ask(explore, "cheapest", 88)
    explore.get_by_label("Cheap in").select_option("latency")
    wait_for_reply(explore, "2.0 ms")


def test_the_budget_question_heeds_the_filters(explore):
    ask(explore, "smallest", 80)
    wait_for_reply(explore, "D>P>Q")
    explore.get_by_role("button", name="distill", exact=True).click()
    explore.get_by_label("How the chosen operators count").select_option("only")
    wait_for_reply(explore, "D on minilm")


def test_published_figures_are_drawn_on_the_axis_that_they_have(explore):
    switch = explore.get_by_role("switch", name="Published")
    explore.get_by_text("for parameters only").wait_for()
    switch.check()
    explore.get_by_text("Parameters", exact=True).first.click()
    drawn = "document.querySelector('.chart').data.some((one) => one.meta.role === 'published')"
    wait_for_chart(explore, drawn)
    explore.get_by_text("published, not measured here").wait_for()
    switch.uncheck()
    wait_for_chart(explore, f"!{drawn}")


def test_labels_stay_on_the_front_when_there_are_many_runs(explore, app, add_runs):
    records = [
        a_record(f"prune(sparsity={0.1 + step / 100:.2f})", task="qqp", score=70.0)
        for step in range(30)
    ]
    add_runs(records)
    explore.get_by_label("Log scale").check()
    wait_for_rows(explore, len(app.records) + len(records))
    points = "document.querySelector('.chart').data.filter((one) => one.meta.role === 'points')"
    texts = f"{points}.flatMap((one) => one.text).filter(Boolean)"
    wait_for_chart(explore, f"{texts}.length && !{texts}.includes('P')")


def test_a_link_carries_the_whole_view(explore, open_page):
    explore.get_by_text("MACs", exact=True).first.click()
    explore.get_by_label("Log scale").check()
    explore.get_by_role("button", name="prune", exact=True).click()
    wait_for_rows(explore, 2)
    explore.wait_for_function("() => location.search.includes('with=P')")
    other = open_page(explore.evaluate("location.search"))
    wait_for_rows(other, 2)
    assert other.get_by_label("Log scale").is_checked()
    wait_for_chart(
        other, "document.querySelector('.chart').layout?.xaxis.title.text.startsWith('MACs')"
    )


def test_back_and_forward_go_through_what_was_looked_at(explore):
    explore.get_by_role("button", name="prune", exact=True).click()
    wait_for_rows(explore, 2)
    explore.wait_for_function("() => location.search.includes('with=P')")
    explore.go_back()
    wait_for_rows(explore, 6)
    explore.go_forward()
    wait_for_rows(explore, 2)


def twins(app):
    """Return a record that stands on the very place of the shipped prune run."""
    last = app.records["prune"].final
    same = {"score": last.score, "bytes": last.bytes, "macs": last.macs}
    return a_record("prune(sparsity=0.31)", task="qqp", **same)


def test_points_on_one_place_can_be_told_apart_and_picked(explore, app, add_runs):
    add_runs([twins(app)])
    explore.get_by_label("Log scale").check()
    wait_for_rows(explore, 7)
    place = "document.querySelector('.chart').data.findIndex((one) => one.x.length === 2)"
    explore.wait_for_function(f"() => {place} >= 0")
    explore.locator(".fx-plane .points path.point >> nth=-1").wait_for()
    explore.evaluate(
        """() => {
        const points = [...document.querySelectorAll('.fx-plane .points path.point')];
        const at = (node) => node.getBoundingClientRect();
        const twin = points.find((one) => points.some((other) => other !== one
          && Math.hypot(at(one).x - at(other).x, at(one).y - at(other).y) < 1));
        const box = at(twin);
        window.twin = [box.x + box.width / 2, box.y + box.height / 2];
      }"""
    )
    explore.mouse.click(*explore.evaluate("window.twin"))
    picker = explore.get_by_role("menu", name="Runs at this place")
    picker.wait_for()
    assert picker.get_by_role("menuitem").count() == 2
    explore.keyboard.press("ArrowDown")
    explore.keyboard.press("Enter")
    explore.wait_for_selector("#run-page h2 >> text=P")
    assert not picker.is_visible()


def test_points_are_reached_by_keyboard(explore):
    explore.locator(".fx-plane .chart").focus()
    explore.keyboard.press("ArrowRight")
    explore.wait_for_selector(".fx-plane .hoverlayer .hovertext")
    explore.keyboard.press("Enter")
    explore.wait_for_selector("#run-page h2")


def test_the_figure_and_its_rows_are_downloaded(explore, app):
    names = []
    for kind in ("PNG", "SVG", "CSV", "JSON"):
        with explore.expect_download() as download:
            explore.get_by_role("button", name=f"Download as {kind}", exact=True).first.click()
        names.append(download.value.suggested_filename)
        assert download.value.path().stat().st_size > 500
    assert [name.rpartition(".")[2] for name in names] == ["png", "svg", "csv", "json"]
