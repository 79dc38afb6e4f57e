import asyncio
import re
import subprocess
import sys

import pytest

from effexplorer.jobs import JobQueue
from effexplorer.records.store import Store
from effexplorer.ui.page import make_page
from effexplorer.ui.shared import panel, theme

UI = panel.UI


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    job_queue = JobQueue(tmp_path_factory.mktemp("home") / "jobs")

    async def made():
        return make_page(Store({}), job_queue)

    return asyncio.run(made())  # outside of a loop, Gradio makes loops that it never closes


def test_no_listener_is_a_public_endpoint(page):
    assert {fn.api_visibility for fn in page.fns.values()} == {"private"}


def test_every_listener_may_run_beside_itself(page):
    assert {fn.concurrency_limit for fn in page.fns.values()} == {None}


def test_the_app_opens_without_the_libraries_that_train():
    code = "import app, sys; print([m for m in ('torch', 'transformers', 'datasets', 'evaluate') "
    code += "if m in sys.modules])"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=UI.parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


MARKUP = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\("
# A link to a paper is followed only by who clicks it.
ADDRESS = r"https?://(?!www\.w3\.org/2000/svg)(?!arxiv\.org/abs/)"


@pytest.mark.parametrize("pattern", [MARKUP, ADDRESS], ids=["markup", "address"])
def test_no_script_writes_markup_runs_text_or_asks_another_host(pattern):
    scripts = {path.name: path.read_text("utf-8") for path in UI.rglob("*.js")}
    assert scripts and not [name for name, text in scripts.items() if re.search(pattern, text)]


def test_no_style_sheet_loads_anything():
    assert not re.search(r"url\(|@import", theme.make_head())


def test_every_style_sheet_is_in_the_page():
    assert sorted(theme.STYLES) == sorted(str(path.relative_to(UI)) for path in UI.rglob("*.css"))


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme._LIGHT, theme._DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["body_background_fill", "block_background_fill"])
@pytest.mark.parametrize("ink", ["body_text_color", "body_text_color_subdued", "link_text_color"])
def test_text_has_the_contrast_that_wcag_asks_for(colours, ground, ink):
    assert _contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("mode", ["body {", "body.dark {"], ids=["light", "dark"])
def test_points_stand_out_from_their_ground(mode):
    sheet = (UI / "shared" / "theme.css").read_text("utf-8")
    block = sheet[sheet.index(mode) :].partition("}")[0]
    ground = (theme._LIGHT if mode == "body {" else theme._DARK)["block_background_fill"]
    colours = re.findall(r"--series-\d: (#\w{6})", block)
    assert len(colours) == 8
    assert min(_contrast(colour, ground) for colour in colours) >= 3.0
