import pytest

from effexplorer.records.store import Run
from effexplorer.runner.estimate import estimate
from effexplorer.sweep.estimate import cost
from effexplorer.sweep.tree import plan
from tests.builders import a_record
from tests.sweep.builders import pipelines

ASKED = ("distill", "distill > prune", "prune", "prune > quantize")


@pytest.fixture
def runs():
    return [Run(a_record("distill > prune", task="reviews"), "here")]


def nodes(*steps, **changes):
    return plan(pipelines(*(steps or ASKED), **changes), lambda pipeline: False)


def test_every_stage_is_counted_once(runs):
    found = cost(nodes(), runs, set())
    assert (found.models, found.operators, found.kept, found.unknown) == (1, 4, 0, 0)
    # The dense model, distill, prune, and each second step, as whole pipelines cost them.
    d, dp, p, pq = (estimate(pipeline, runs) for pipeline in pipelines(*ASKED))
    (dense,) = (estimate(pipeline, runs) for pipeline in pipelines(""))
    whole = dp.seconds + pq.seconds - dense.seconds
    assert found.seconds == pytest.approx(whole)
    assert found.sentences == dp.sentences + pq.sentences - dense.sentences
    assert d.seconds < dp.seconds and p.seconds <= pq.seconds


def test_what_is_kept_from_earlier_costs_nothing(runs):
    dense, distilled = pipelines("", "distill")
    found = cost(nodes(), runs, {dense.key, distilled.key})
    assert (found.models, found.operators, found.kept) == (0, 3, 2)
    whole = cost(nodes(), runs, set())
    assert found.seconds == pytest.approx(whole.seconds - estimate(distilled, runs).seconds)


def test_a_stage_that_nothing_tells_of_is_counted_as_such(runs):
    found = cost(nodes("prune", task="sst2"), runs, set())
    assert (found.seconds, found.unknown) == (0.0, 2)
    assert found.sentences > 0


def test_nothing_to_do_costs_nothing():
    found = cost([], [], set())
    assert (found.models, found.operators, found.sentences, found.seconds) == (0, 0, 0, 0.0)
