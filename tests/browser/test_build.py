"""The builder in a real browser: mouse, touch and keyboard change the order, legality is told."""

import dataclasses

import pytest

from effexplorer.pipeline import Pipeline, parse_steps
from tests.browser.conftest import go_to_build, wait_for_order
from tests.builders import a_record


def handle(page, name):
    return page.locator(".fx-builder .step", has_text=name).locator(".handle")


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, name, to):
    page.mouse.move(*middle(handle(page, name)))
    page.mouse.down()
    x, y = middle(handle(page, to))
    page.mouse.move(x, y + (8 if y > middle(handle(page, name))[1] else -8), steps=12)


def test_a_mouse_drag_reorders(build):
    drag(build, "prune", to="distill")
    build.mouse.up()
    wait_for_order(build, "prune > distill > quantize")


def test_an_illegal_order_tells_its_sentence_while_it_is_dragged(build):
    drag(build, "quantize", to="distill")
    build.wait_for_selector(".step.illegal >> text=a step that trains must stand before")
    assert build.locator(".run-button").is_disabled()
    build.mouse.up()


def test_escape_undoes_a_drag(build):
    drag(build, "quantize", to="distill")
    build.wait_for_selector(".fx-builder .step.illegal")
    build.keyboard.press("Escape")
    wait_for_order(build, "distill > prune > quantize")
    build.mouse.up()


def test_a_touch_drag_reorders(open_page, stranger):
    page = open_page(context=stranger)
    go_to_build(page)
    (x, y), (_, end) = middle(handle(page, "prune")), middle(handle(page, "distill"))
    session = page.context.new_cdp_session(page)
    touch = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    session.send("Input.dispatchTouchEvent", touch)
    for part in range(1, 7):
        at = y + (end - 8 - y) * part / 6
        session.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": at}]}
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for_order(page, "prune > distill > quantize")


def test_alt_and_an_arrow_move_an_operator(build):
    handle(build, "prune").focus()
    build.keyboard.press("Alt+ArrowUp")
    wait_for_order(build, "prune > distill > quantize")


@pytest.mark.parametrize(
    ("last", "order"),
    [("Space", "prune > distill > quantize"), ("Escape", "distill > prune > quantize")],
)
def test_a_grabbed_operator_is_moved_by_arrows_and_dropped_or_put_back(build, last, order):
    handle(build, "prune").focus()
    build.keyboard.press("Space")
    build.keyboard.press("ArrowUp")
    wait_for_order(build, "prune > distill > quantize")
    build.keyboard.press(last)
    wait_for_order(build, order)


def test_a_move_is_announced(build):
    handle(build, "prune").focus()
    build.keyboard.press("Alt+ArrowUp")
    build.wait_for_selector(
        ".fx-builder [aria-live=assertive] >> text=prune, position 1 of 3", state="attached"
    )


def test_an_operator_is_added_and_removed(build):
    build.locator(".palette").get_by_role("button", name="prune").click()
    build.wait_for_selector(".fx-builder .step.illegal >> text=sparsity must be above")
    build.get_by_role("button", name="Remove prune").last.click()
    wait_for_order(build, "distill > prune > quantize")


def test_a_knob_changes_the_text(build):
    card = build.locator(".fx-builder .step", has_text="distill")
    card.get_by_role("button", name="Settings").click()
    card.get_by_label("layers").fill("2")
    wait_for_order(build, "distill(layers=2) > prune > quantize")


def test_a_knob_out_of_bounds_tells_its_rule_beside_it(build):
    card = build.locator(".fx-builder .step", has_text="distill")
    card.get_by_role("button", name="Settings").click()
    card.get_by_label("alpha").fill("7")
    card.locator("text=alpha must be between 0 and 1; got 7.").wait_for()
    build.wait_for_selector(".verdict .problem >> text=alpha must be between 0 and 1; got 7.")


def test_an_operator_that_is_added_by_keyboard_leaves_the_focus_where_it_is(build):
    add = build.locator(".palette").get_by_role("button", name="prune")
    before = build.locator(".fx-builder .step").count()
    add.focus()
    build.keyboard.press("Enter")
    build.keyboard.press("Enter")
    build.wait_for_function(
        "count => document.querySelectorAll('.fx-builder .step').length === count", arg=before + 2
    )
    assert add.evaluate("(node) => node === document.activeElement")


def test_a_task_that_cannot_be_reached_says_so(build):
    build.locator("#fx-task").select_option("mnli")
    build.locator(".verdict .problem").first.wait_for()
    assert build.locator(".run-button").is_disabled()


@pytest.mark.parametrize(
    ("work", "preset"), [("Subsets", "D>Q"), ("Orders", "E>Q>D>P"), ("Exits", "E>S>Q")]
)
def test_a_preset_is_one_click_legal_and_marked(build, work, preset):
    build.get_by_label(work, exact=True).check(force=True)
    chip = build.get_by_role("button", name=preset, exact=True)
    chip.click()
    build.wait_for_selector(f'.chip[aria-pressed=true] >> text="{preset}"')
    assert build.locator(".step .letter").all_inner_texts() == preset.split(">")
    assert build.locator(".verdict .fine").count() == 1


def test_a_caution_and_the_cost_are_told_before_a_run(build):
    build.locator("#fx-seed").fill("1234567")  # no shipped run has it
    build.get_by_label("Layers", exact=True).check(force=True)
    build.get_by_role("button", name="greedy 1", exact=True).click()
    build.wait_for_selector(".step .caution >> text=the search makes 9 short fine-tunings")
    build.wait_for_selector(".verdict .cost >> text=training rows")
    assert build.locator(".run-button").is_enabled()


def test_what_single_operators_foretell_is_told_before_a_run(build):
    build.locator("#fx-task").select_option("qqp")
    build.locator("#fx-train_examples").fill("20000")
    # 90.0 - 1.4 - 0.9 - 0.3, and 88.6 * 89.1 * 89.7 / 90.0 / 90.0, with one decimal.
    build.wait_for_selector(".verdict .prediction >> text=87.4 %")
    build.locator("#fx-train_examples").fill("77")
    build.wait_for_selector(".verdict .prediction >> text=the dense model, distill alone")


def test_a_run_of_other_data_does_not_count_and_the_builder_says_why(open_page, add_runs):
    pipeline = Pipeline(
        "minilm", "reviews", parse_steps("distill > prune(sparsity=0.37) > quantize")
    )
    made_up = a_record(str(pipeline), task="reviews")
    data = made_up.data | {"fingerprint": "0" * 16}
    plain = {"id": pipeline.key, "pipeline": pipeline.to_dict(), "data": data}
    add_runs([dataclasses.replace(made_up, **plain)])
    page = open_page()
    go_to_build(page)
    judged = page.locator(".fx-builder .verdict .note")
    page.get_by_role("button", name="Settings of prune").click()
    page.get_by_label("sparsity", exact=True).fill("0.37")
    judged.wait_for()
    assert "of the same pipeline with other" in judged.inner_text()
