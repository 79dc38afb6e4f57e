import dataclasses
import json
import math

import pytest

from effexplorer.figures import plane
from effexplorer.figures.axes import log_ticks
from effexplorer.figures.points import timed_at
from effexplorer.records import provenance
from effexplorer.records.schema import COSTS
from effexplorer.records.store import HERE, SHIPPED, Run
from tests.builders import a_record, some_exits

STEPS = ("", "distill", "prune", "quantize", "distill > prune > quantize")


def shipped(*steps):
    return [Run(a_record(step), SHIPPED) for step in steps or STEPS]


def traces(figure, role):
    return [trace for trace in figure.data if trace.meta["role"] == role]


def test_every_run_is_one_point():
    figure = plane(shipped())
    ids = [custom[0] for trace in traces(figure, "points") for custom in trace.customdata]
    assert sorted(ids) == sorted(run.record.id for run in shipped())


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("log", [True, False])
def test_every_point_lies_inside_the_axes(cost, log):
    figure = plane(shipped(), cost=cost, log=log)
    low, high = (10**end if log else end for end in figure.layout.xaxis.range)
    bottom, top = figure.layout.yaxis.range
    for trace in traces(figure, "points"):
        assert all(low <= x <= high for x in trace.x)
        assert all(bottom < y < top for y in trace.y)


def test_the_front_holds_each_score_until_the_next_costlier_run():
    (front,) = traces(plane(shipped("", "distill", "quantize")), "front")
    assert front.line.shape == "hv"
    assert list(front.y[1:]) == sorted(front.y[1:])
    assert front.x[-1] == pytest.approx(plane(shipped("")).layout.xaxis.range[1])


def test_the_selected_run_is_drawn_as_a_path_through_its_stages():
    runs = shipped()
    (path,) = traces(plane(runs, selected=runs[-1].record.id), "path")
    assert list(path.text) == ["dense", "distill", "prune", "quantize"]
    assert path.y[-1] == runs[-1].record.final.score


def test_the_interval_of_the_selected_run_lies_inside_the_axes():
    run = Run(a_record("prune", score_low=40.0, score_high=99.0), SHIPPED)
    bottom, top = plane([run], selected=run.record.id).layout.yaxis.range
    assert bottom < 40.0 and top > 99.0


def test_an_opened_run_with_exits_goes_on_to_where_sentences_leave_on_the_axis_of_macs():
    run = Run(a_record("exit", **some_exits()), SHIPPED)
    figure = plane([run], cost="macs", selected=run.record.id)
    (leaving,) = traces(figure, "leaving")
    assert (leaving.x[1], leaving.y[1]) == (0.1225, 89.4)
    assert (leaving.x[0], leaving.y[0]) == (0.21, run.record.final.score)
    low, high = figure.layout.xaxis.range
    assert low <= 0.1225 <= high


@pytest.mark.parametrize("cost", ["bytes", "parameters", "latency"])
def test_leaving_early_changes_no_other_cost(cost):
    run = Run(a_record("exit", **some_exits()), SHIPPED)
    assert not traces(plane([run], cost=cost, selected=run.record.id), "leaving")


def test_full_depth_where_no_threshold_was_found_is_no_second_point():
    exits = some_exits()
    exits["operating"].pop("threshold")
    run = Run(a_record("exit", **exits), SHIPPED)
    assert not traces(plane([run], cost="macs", selected=run.record.id), "leaving")


def test_nothing_selected_draws_no_path():
    assert not traces(plane(shipped(), selected="000000000000"), "path")


def test_shipped_and_own_runs_differ_in_their_symbol():
    figure = plane([*shipped("prune"), Run(a_record("prune", seed=1), HERE)])
    assert len({trace.marker.symbol for trace in traces(figure, "points")}) == 2


def test_hovering_tells_steps_score_interval_cost_and_change():
    (trace,) = traces(plane(shipped("distill(layers=2)")), "points")
    for part in (
        "distill(layers=2)",
        "88.6 %",
        "86.6 to 90.6",
        "48.2 MB",
        "-1.4 points",
        "shipped",
    ):
        assert part in trace.hovertext[0]


def test_names_cannot_write_markup_into_the_hover():
    record = a_record("prune", model="<b>x</b>/y")
    (trace,) = traces(plane([Run(record, HERE)]), "points")
    assert "<b>x" not in trace.hovertext[0]


@pytest.mark.parametrize("log", [True, False])
def test_no_run_makes_an_empty_figure(log):
    assert not plane([], log=log).data


def many(count):
    return [
        Run(a_record(f"prune(sparsity={0.1 + seed / 1000})", score=80.0 + seed % 7), SHIPPED)
        for seed in range(count)
    ]


def labels(figure):
    pairs = [pair for trace in traces(figure, "points") for pair in trace.customdata]
    return {id for id, label, _ in pairs if label}


def test_few_runs_all_have_a_label():
    assert len(labels(plane(shipped()))) == len(STEPS)


def test_of_many_runs_only_the_front_and_the_selected_one_have_a_label():
    runs = [*many(40), *shipped("quantize")]  # which beats them all
    best, other = runs[-1].record.id, runs[0].record.id
    assert labels(plane(runs)) == {best}
    assert labels(plane(runs, selected=other)) == {best, other}


def test_in_a_crowd_the_front_stands_out():
    runs = [*many(80), *shipped("quantize")]
    looks = {
        id: (size, opacity)
        for trace in traces(plane(runs), "points")
        for (id, _, _), size, opacity in zip(
            trace.customdata, trace.marker.size, trace.marker.opacity, strict=True
        )
    }
    best = looks.pop(runs[-1].record.id)
    assert all(size < best[0] and opacity < best[1] for size, opacity in looks.values())


def test_the_zoom_stays_when_a_run_is_selected():
    runs = shipped()
    one, other = plane(runs), plane(runs, selected=runs[1].record.id)
    assert one.layout.uirevision == other.layout.uirevision


def test_the_figure_is_plain_json():
    json.dumps(plane(shipped(), selected=shipped()[-1].record.id).to_plotly_json(), allow_nan=False)


def of_seeds(*scores, **changes):
    return [
        Run(a_record("prune", seed=seed, score=score, **changes), SHIPPED)
        for seed, score in enumerate(scores)
    ]


def test_seeds_are_one_point_at_their_mean_with_whiskers():
    runs = of_seeds(80.0, 84.0, 85.0)
    (trace,) = traces(plane(runs), "points")
    assert trace.y == (83.0,)
    assert trace.error_y.array == (2.0,) and trace.error_y.arrayminus == (3.0,)
    assert trace.customdata[0][2] == [run.record.id for run in runs]
    assert "80.0 to 85.0 over 3 seeds" in trace.hovertext[0]


def test_a_click_on_a_mean_opens_the_run_that_is_nearest_to_it():
    runs = of_seeds(80.0, 84.0, 85.0)
    (trace,) = traces(plane(runs), "points")
    assert trace.customdata[0][0] == runs[1].record.id


def test_single_seeds_are_points_of_their_own_on_demand():
    runs = of_seeds(80.0, 84.0, 85.0)
    (trace,) = traces(plane(runs, seeds=True), "points")
    assert sorted(trace.y) == [80.0, 84.0, 85.0]


def test_what_was_timed_elsewhere_is_not_on_the_front_of_latency():
    usual = [Run(a_record(steps), SHIPPED) for steps in ("prune", "distill")]
    record = a_record("quantize", score=99.0)
    machine = record.machine | {"processor": "another"}
    other = Run(dataclasses.replace(record, machine=machine), SHIPPED)
    (front,) = traces(plane([*usual, other], cost="latency"), "front")
    assert max(front.y) < 99.0
    (front,) = traces(plane([*usual, other], cost="bytes"), "front")
    assert max(front.y) == 99.0


def test_a_multi_exit_run_stands_at_its_operating_point_where_that_was_measured():
    run = Run(a_record("exit", **some_exits()), SHIPPED)
    at = run.record.final.operating
    (trace,) = traces(plane([run], cost="macs"), "points")
    assert (trace.x[0], trace.y[0]) == (at["macs"] / 1e9, at["score"])
    (trace,) = traces(plane([run], cost="bytes"), "points")
    assert trace.y[0] == run.record.final.score


@pytest.mark.parametrize(("low", "high"), [(5.0, 90.0), (11.0, 14.0), (0.2, 900.0)])
def test_a_logarithmic_axis_has_round_ticks(low, high):
    span = [math.log10(low), math.log10(high)]
    ticks = log_ticks(span)["tickvals"]
    assert 3 <= len(ticks) <= 30
    assert all(low <= tick <= high for tick in ticks)
    assert all(len(f"{tick:g}") <= 4 for tick in ticks)


@pytest.mark.parametrize(
    "other", [{"_family": "GenuineIntel 6 85"}, {"_of_processor": "another processor"}]
)
def test_where_latency_was_timed_goes_by_all_that_a_record_says_of_the_processor(
    monkeypatch, other
):
    def timed(instructions: str) -> str:
        machine = provenance.machine(1, instructions=instructions)
        return timed_at(dataclasses.replace(a_record(), machine=machine))

    here = timed("AVX512")
    assert here == timed("AVX512") != timed("AVX2")
    for name, value in other.items():
        monkeypatch.setattr(provenance, name, lambda *_, value=value: value)
    assert timed("AVX512") != here
