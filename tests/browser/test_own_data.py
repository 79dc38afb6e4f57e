"""Add your data in a real browser: a file is brought, looked at, and made a task of the builder."""

import pytest

from tests.browser.conftest import go_to_build
from tests.own_data import lines


@pytest.fixture
def form(open_page):
    page = open_page()
    go_to_build(page)
    page.get_by_role("button", name="Add your data").click()
    page.wait_for_selector("dialog.own-data .drop")
    return page


def bring(page, text, name="phones.csv"):
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("#fx-own-file", file)


def remove(page, task):
    page.get_by_role("button", name="Add your data").click()
    page.get_by_role("button", name=f"Remove {task}").click()
    page.get_by_text(f"{task} was removed").wait_for()


def test_a_file_becomes_a_task_of_the_builder(form):
    bring(form, "review,stars\n" + lines())
    form.get_by_role("region", name="The first ten rows").wait_for()
    assert form.get_by_label("Text", exact=True).input_value() == "review"
    assert form.locator(".own-data tbody").first.locator("tr").count() == 10
    counts = form.get_by_role("region", name="Rows of each label")
    assert counts.locator("tbody tr").count() == 2
    assert form.get_by_label("Name of the task").input_value() == "phones"
    form.get_by_role("button", name="Add the task").click()
    form.wait_for_selector("dialog.own-data:not([open])", state="attached")
    form.wait_for_function("document.querySelector('#fx-task').value === 'phones'")
    form.wait_for_selector(".fx-builder .run-button:not([disabled])")
    remove(form, "phones")
    form.wait_for_function(
        "![...document.querySelector('#fx-task').options].some((one) => one.value === 'phones' "
        "&& one.text !== 'phones')"
    )


def test_a_dropped_file_is_taken(form):
    form.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "phones.csv", { type: "text/csv" }));
          document.querySelector(".own-data .drop")
            .dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        "text,label\n" + lines(),
    )
    form.get_by_role("region", name="The first ten rows").wait_for()


def test_bad_rows_are_told_by_number_and_left_out_on_demand(form):
    bring(form, "text,label\n,positive\n" + lines(), "odd.csv")
    form.get_by_text("row 1: text must have a word; got nothing.").wait_for()
    form.get_by_role("button", name="Add the task").click()
    form.locator(".own-data .status", has_text="row 1").wait_for()
    form.get_by_label("Leave them out").check()
    form.get_by_role("button", name="Add the task").click()
    form.wait_for_function("document.querySelector('#fx-task').value === 'odd'")
    remove(form, "odd")


def test_columns_are_chosen_where_they_cannot_be_guessed(form):
    rows = "".join(f"one two {row},three four {row},{row % 2}\n" for row in range(60))
    bring(form, "a,b,c\n" + rows)
    form.get_by_text("the text column must be named").wait_for()
    assert form.get_by_role("button", name="Add the task").is_disabled()
    form.get_by_label("Text", exact=True).select_option("a")
    form.wait_for_selector(".own-data .add-task:not([disabled])")


def test_what_is_no_table_is_told_in_a_sentence_and_loses_nothing(form):
    bring(form, "%PDF", "report.pdf")
    form.locator(".own-data .status", has_text="must end in one of").wait_for()
    assert form.locator(".own-data .drop").is_visible()
