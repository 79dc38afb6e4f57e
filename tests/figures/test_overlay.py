import json

import pytest

from effexplorer.figures import plane
from effexplorer.figures.marks import SYMBOLS
from effexplorer.figures.overlay import SYMBOL
from effexplorer.published import Published, published
from effexplorer.records.store import SHIPPED, Run
from tests.builders import a_record

RUNS = [Run(a_record(steps), SHIPPED) for steps in ("", "distill")]


def a_figure(**changes) -> Published:
    """Return a published figure that nobody published."""
    fields = {
        "series": "Made up, 3 layers",
        "model": "bert-base-uncased",
        "task": "sst2",
        "metric": "accuracy",
        "score": 97.0,
        "axis": "parameters",
        "cost_name": "parameters",
        "cost": 130_000_000.0,
        "split": "GLUE dev",
        "source": "nowhere",
        "note": "",
    }
    return Published(**fields | changes)


def overlay(*figures, cost="parameters"):
    figure = plane(RUNS, cost=cost, published=figures)
    return figure, [trace for trace in figure.data if trace.meta["role"] == "published"]


def test_a_published_figure_stands_at_its_cost_and_score():
    _, (trace,) = overlay(a_figure())
    assert (list(trace.x), list(trace.y)) == ([130.0], [97.0])


@pytest.mark.parametrize("cost", ["bytes", "macs", "latency"])
def test_a_figure_of_another_axis_is_not_drawn(cost):
    assert overlay(a_figure(), cost=cost)[1] == []


def test_a_cost_that_is_not_measured_here_stands_on_no_axis():
    assert overlay(a_figure(axis=None, cost_name="sparsity", cost=0.6))[1] == []


def test_the_front_and_the_runs_are_those_without_the_overlay():
    kept = [one for one in overlay(a_figure())[0].data if one.meta["role"] == "points"]
    plain = plane(RUNS, cost="parameters").data
    assert kept == [one for one in plain if one.meta["role"] == "points"]
    fronts = [
        next(one for one in data if one.meta["role"] == "front")
        for data in (overlay(a_figure())[0].data, plain)
    ]
    assert list(fronts[0].y[1:]) == list(fronts[1].y[1:])
    assert 97.0 not in fronts[0].y


def test_the_axes_make_room_for_it():
    figure, _ = overlay(a_figure())
    assert figure.layout.xaxis.range[1] > 130.0
    assert figure.layout.yaxis.range[1] > 97.0


def test_it_opens_no_run_and_looks_like_none():
    _, (trace,) = overlay(a_figure())
    assert trace.customdata[0][0] == ""
    assert SYMBOL.removesuffix("-open") not in SYMBOLS


def test_hovering_tells_series_score_split_source_and_that_it_was_not_measured_here():
    _, (trace,) = overlay(a_figure(series="<b>Bold</b>", note="a note of the source"))
    told = trace.hovertext[0]
    for part in ("97.0 %", "130 M parameters", "GLUE dev", "Source: nowhere", "a note"):
        assert part in told
    assert "published, not measured here" in told and "<b>Bold</b>" not in told


def test_what_was_really_published_can_be_drawn():
    figure, (trace,) = overlay(*published("sst2"))
    assert len(trace.x) > 5
    json.dumps(figure.to_plotly_json(), allow_nan=False)
