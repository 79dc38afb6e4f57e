import dataclasses

import pytest

from effexplorer.analysis.groups import group
from effexplorer.figures.orders import cost_of, paths, score_of
from tests.builders import a_record, a_stage, some_exits


def scored(steps, scores, seed):
    """Return a record with these scores, stage by stage."""
    record = a_record(steps, seed=seed)
    stages = [
        dataclasses.replace(stage, score=score)
        for stage, score in zip(record.stages, scores, strict=True)
    ]
    return dataclasses.replace(record, stages=tuple(stages))


def drawn(*records, cost="bytes", **options):
    return paths(group(records)[0].runs, cost, **options)


def test_a_path_goes_from_the_dense_model_through_every_step():
    path = drawn(a_record("distill > quantize"))[("distill", "quantize")]
    assert [stop.letter for stop in path] == ["", "D", "Q"]
    assert path[0].cost == pytest.approx(90.9)
    assert path[-1].cost == pytest.approx(90.9 * 0.53 * 0.26, rel=1e-3)


def test_a_stop_is_the_mean_over_seeds():
    path = drawn(scored("prune", (90, 80), 0), scored("prune", (92, 86), 1))[("prune",)]
    assert [stop.score for stop in path] == [91, 83]


def test_orders_go_together_until_they_part():
    found = drawn(
        scored("distill > prune > quantize", (90, 88, 86, 84), 0),
        scored("distill > quantize(mode=aware) > prune", (90, 88, 87, 83), 0),
        scored("distill > prune > quantize", (92, 90, 88, 86), 1),
    )
    one, other = found.values()
    assert one[:2] == other[:2]
    assert [stop.score for stop in other] == [91, 89, 87, 83]


@pytest.mark.parametrize(("early", "score", "macs"), [(False, 90.0, 0.21), (True, 89.4, 0.1225)])
def test_a_stage_with_exits_counts_at_full_depth_or_where_sentences_leave(early, score, macs):
    stage = a_stage(**some_exits())
    assert score_of(stage, early=early) == score
    assert cost_of(stage, "macs", early=early) == pytest.approx(macs)


def test_leaving_early_makes_no_file_smaller_and_no_plain_stage_better():
    assert cost_of(a_stage(**some_exits()), "bytes", early=True) == pytest.approx(90.9)
    assert score_of(a_stage(), early=True) == 90.0
