import json
import re
from itertools import combinations
from pathlib import Path

import plotly

from effexplorer import limits
from effexplorer.records.store import HERE, SHIPPED, Run
from effexplorer.ui.explore.plane import plane_state
from effexplorer.ui.explore.view import View
from effexplorer.web.vendor import PLOTLY
from tests.builders import a_record


def runs(*steps, source=SHIPPED):
    return [Run(a_record(step), source) for step in steps]


def test_the_state_is_plain_json():
    json.dumps(plane_state(View(), runs("", "prune")), allow_nan=False)


def test_rows_stand_best_score_first():
    rows = plane_state(View(), runs("distill", "", "quantize"))["rows"]
    assert [row["letters"] for row in rows] == ["dense", "Q", "D"]


def test_bad_files_are_named():
    assert plane_state(View(), runs(""), ["a.json: bad."])["notices"] == ["a.json: bad."]


def test_no_run_at_all_is_told_from_no_run_that_passes():
    assert plane_state(View(), [])["total"] == 0
    hidden = plane_state(View("sst2", operators=("Q",)), runs("", "prune"))
    assert (hidden["total"], hidden["rows"]) == (2, [])


def test_only_the_newest_runs_are_drawn_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(limits, "MAX_RECORDS_SHOWN", 2)
    state = plane_state(View(), runs("", "prune", "quantize"))
    assert len(state["rows"]) == 2
    assert "newest 2 of 3" in state["notices"][0]


def test_the_legend_tells_the_sources_apart_when_runs_were_measured_here():
    assert "measured here" not in str(plane_state(View(), runs("prune"))["legend"])
    assert "measured here" in str(plane_state(View(), runs("prune", source=HERE))["legend"])


def test_a_long_legend_tells_sets_by_the_letters_that_single_operators_explain():
    names = ("distill", "prune", "quantize", "exit", "slenderize")
    pairs = [f"{combination} > {other}" for combination, other in combinations(names, 2)]
    labels = [one["label"] for one in plane_state(View(), runs("", *names, *pairs))["legend"]]
    assert {"dense", "D distill", "D+P", "E+S"} <= set(labels)
    few = [one["label"] for one in plane_state(View(), runs("", "distill > prune"))["legend"]]
    assert few == ["dense", "distill + prune"]


def published(task, cost, **options):
    state = plane_state(View(task, cost=cost, **options), [Run(a_record("", task=task), SHIPPED)])
    drawn = any(trace["meta"]["role"] == "published" for trace in state["figure"]["data"])
    return state["published"], drawn


def test_published_figures_are_drawn_when_asked_for_on_their_axis():
    assert published("sst2", "parameters") == ({"any": True, "note": ""}, False)
    assert published("sst2", "parameters", published=True) == ({"any": True, "note": ""}, True)


def test_the_switch_says_where_published_figures_have_a_place():
    told = {"any": True, "note": "for parameters only"}
    assert published("sst2", "bytes", published=True) == (told, False)
    assert published("reviews", "parameters", published=True) == (
        {"any": False, "note": "none for this task"},
        False,
    )


def test_an_axis_on_which_nothing_is_published_says_so():
    run = Run(a_record("", task="sst2"), SHIPPED)
    (notice,) = plane_state(View("sst2", cost="bytes", published=True), [run])["notices"]
    assert "none is drawn on this axis" in notice
    assert "drawn by parameters" in notice
    assert not plane_state(View("sst2", cost="parameters", published=True), [run])["notices"]


def test_published_figures_are_no_rows_and_answer_no_question():
    run = Run(a_record(""), SHIPPED)
    state = plane_state(
        View("sst2", cost="parameters", published=True, question="smallest", bound=92.0), [run]
    )
    assert [row["id"] for row in state["rows"]] == [run.record.id]
    assert state["asked"]["id"] == ""


def test_plotly_js_is_of_the_version_that_the_installed_package_has():
    whole = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    versions = [
        re.search(r"plotly.*? v([\d.]+)", one.read_text()[:300])[1] for one in (whole, PLOTLY)
    ]
    assert versions[0] == versions[1]
